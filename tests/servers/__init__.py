"""Real servers on this machine: search engines, AWS's stand-in, a Lambda's runtime; each started once a session."""
