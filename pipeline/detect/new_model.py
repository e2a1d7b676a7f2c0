"""A model that knows nothing yet, as the settings want it."""

from models.model import Model
from models.priors import AttackPriors
from models.room import Room
from pipeline.errors import SettingsError
from pipeline.settings import GIVES, Settings


def make_model(day: int, priors: AttackPriors, settings: Settings, room: Room | None = None) -> Model:
    """The model that judges a day first, in days since 1970; what is large of it lies in a room, if one is given.

    Raises
    ------
    SettingsError
        A detector that is named cannot be loaded.
    """
    try:
        return Model(day, priors, settings.vector_models, settings.seed, room)
    except ValueError as error:
        raise SettingsError(
            f"detectors is {', '.join(settings.detectors)!r}: {error}; give {GIVES['detectors']}"
        ) from error
