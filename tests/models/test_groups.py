from models.groups import ENOUGH, Member, find_stratum, group_peers


def a_role(name, kind="workload"):
    return Member(f"role/1/{name}", kind, "AssumedRole", name, "", "1")


def test_people_of_a_permission_set_are_peers_and_others_are_not():
    people = [
        Member(f"idc/{name}", "human", "AssumedRole", f"AWSReservedSSO_{s}_1", s, "1")
        for name, s in [("ann", "Dev"), ("bob", "Dev"), ("eve", "Finance")]
    ]
    groups = group_peers(people)
    assert groups["idc/ann"] == groups["idc/bob"] != groups["idc/eve"]


def test_roles_stamped_out_for_every_product_share_a_group():
    products = ["cart", "search", "mail", "pay", "ship", "tax", "ads", "geo"]
    groups = group_peers([a_role(f"{product}-prod-worker") for product in products])
    assert len(set(groups.values())) == 1


def test_a_template_that_has_enough_members_is_left_alone():
    many = [a_role(f"node-{n}-agent") for n in range(ENOUGH)]
    groups = group_peers([*many, a_role("billing-export")])
    assert len({groups[m.principal] for m in many}) == 1
    assert groups["role/1/billing-export"] != groups[many[0].principal]


def test_ci_roles_and_workload_roles_of_one_name_are_not_peers():
    groups = group_peers([a_role("deploy"), Member("ci/1", "ci", "AssumedRole", "deploy", "", "1")])
    assert len(set(groups.values())) == 2


def test_every_kind_has_a_stratum():
    assert find_stratum(Member("root/1", "root", "Root", "", "", "1")) == "root"
    assert find_stratum(Member("user/1/a", "human", "IAMUser", "ann", "", "1")) == "user"
    assert find_stratum(Member("xacct/2/a", "external", "AWSAccount", "", "", "1")) == "role"
    assert find_stratum(Member("anonymous/1", "anonymous", "", "", "", "1")) == "other"


def test_a_company_without_people_or_roles_has_groups_all_the_same():
    assert group_peers([]) == {}
