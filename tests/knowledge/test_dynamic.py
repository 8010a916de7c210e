from __future__ import annotations

from bot.knowledge.dynamic import Made, made_by, trigger_of
from bot.model.field import Body
from bot.model.ref import GroupKind


def _object(api_version: str, kind: str, spec: Body) -> Body:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}, "spec": spec}


def test_a_constraint_template_makes_the_kind_that_it_names() -> None:
    names: Body = {"crd": {"spec": {"names": {"kind": "K8sRequiredLabels"}}}}

    made = made_by(_object("templates.gatekeeper.sh/v1", "ConstraintTemplate", names))

    assert made == (Made(GroupKind("constraints.gatekeeper.sh", "K8sRequiredLabels")),)


def test_a_composite_definition_makes_the_composite_and_its_claim() -> None:
    spec: Body = {"group": "example.org", "names": {"kind": "XDatabase"}, "claimNames": {"kind": "Database"}}

    made = made_by(_object("apiextensions.crossplane.io/v1", "CompositeResourceDefinition", spec))

    assert [one.what for one in made] == [GroupKind("example.org", "XDatabase"), GroupKind("example.org", "Database")]


def test_a_resource_graph_definition_makes_its_schema_in_the_group_of_kro() -> None:
    made = made_by(_object("kro.run/v1alpha1", "ResourceGraphDefinition", {"schema": {"kind": "WebApp"}}))

    assert made == (Made(GroupKind("kro.run", "WebApp")),)


def test_a_crossplane_provider_makes_the_groups_of_its_package() -> None:
    spec: Body = {"package": "xpkg.upbound.io/upbound/provider-aws-s3:v1"}

    (made,) = made_by(_object("pkg.crossplane.io/v1", "Provider", spec))

    assert made.covers(GroupKind("s3.aws.upbound.io", "Bucket"))
    assert not made.covers(GroupKind("storage.gcp.upbound.io", "Bucket"))


def test_a_provider_of_an_unknown_package_makes_no_kind_of_crossplane_itself() -> None:
    (made,) = made_by(_object("pkg.crossplane.io/v1", "Provider", {"package": "example.org/provider-thing"}))

    assert made.covers(GroupKind("thing.crossplane.io", "ProviderConfig"))
    assert not made.covers(GroupKind("pkg.crossplane.io", "Provider"))


def test_an_operator_makes_the_groups_that_it_is_for() -> None:
    (made,) = made_by(_object("operator.tekton.dev/v1alpha1", "TektonConfig", {}))

    assert made.covers(GroupKind("tekton.dev", "Pipeline"))
    assert not made.covers(GroupKind("operator.tekton.dev", "TektonPipeline"))


def test_an_ordinary_object_makes_no_kind() -> None:
    assert made_by(_object("apps/v1", "Deployment", {})) == ()
    assert made_by(_object("templates.gatekeeper.sh/v1", "ConstraintTemplate", {})) == ()


def test_a_kind_made_at_run_time_names_what_makes_it() -> None:
    assert trigger_of(GroupKind("s3.aws.upbound.io", "Bucket")) == "a Crossplane Provider"
    assert trigger_of(GroupKind("constraints.gatekeeper.sh", "K8sRequiredLabels")) == "a Gatekeeper ConstraintTemplate"
    assert trigger_of(GroupKind("pkg.crossplane.io", "Provider")) is None
    assert trigger_of(GroupKind("kro.run", "ResourceGraphDefinition")) is None
    assert trigger_of(GroupKind("cert-manager.io", "Certificate")) is None
