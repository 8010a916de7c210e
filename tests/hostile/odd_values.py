"""What is put in the place of what somebody careful wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

Json: TypeAlias = Any  # what YAML holds, before and after it was damaged

CONFIG: Final = ".fluxbot.yaml"
SYNC: Final = "clusters/main/flux-system/gotk-sync.yaml"

ODD_TEXTS: Final = (
    *("", " ", "a", "-", ".", "..", "../..", "../../../../etc/passwd", "/", "/etc/passwd"),
    *("~", "~root", "./././", "a//b"),
    *("\0", "\n", "\r\n", "\t", "\x1b[31m", "\u202e", "\u2028", "\x85", "\ufeff", "\ud7ff", "é" * 300, "😀", "`", "@x"),
    *("*", "**", "[", "{", "}", "{a,b}", "(", "?", "\\", "|", "&a", "*a", "<<", "!x", "%"),
    *("#", ": ", "- ", "---", "..."),
    *("true", "null", "yes", "0x1f", "1e400", ".inf", ".nan", "0o7", "1_000", "2026-01-01", "=", "a=b", "=b"),
    *("${", "${}", "${x", "${region}", "${region:-${zone}}", "$${x}", "${x:=", "${x//(/)}", "${!x}", "$(reboot)"),
    *("https://example.org/x", "git@github.com:a/b", "github.com/a/b?ref=x"),
    *("file:///etc/passwd", "oci://x/y", "s3::x"),
    *("flux-system", "infra", "apps", "clusters/main", "./infra"),
    *("v1", "v2beta1", "a/b/c", "kustomize.toolkit.fluxcd.io/v9"),
    *("Kustomization", "HelmRelease", "Namespace", "List", "CustomResourceDefinition"),
    *("ConfigMap", "Component", "APIService"),
    *("x" * 10_000, "a/" * 2_000, "9" * 5_000, "- " * 500),
    *("dep.status.conditions.exists(c, c.type == 'Ready')", "()" * 500),
)  # fmt: skip
ODD_VALUES: Final[Sequence[Json]] = (
    *(None, True, False, 0, -1, 1, 2**63, 2**70, -(2**70), 1.5, 1e300, b"\xff\x00"),
    *([], {}, [None], [[]], [{}], {"": ""}, {"name": None}, [{"name": "infra"}], [{"name": ["infra"]}], {"kind": {}}),
    *({"name": 7, "namespace": True}, {"a": {"b": {"c": [1, {"d": None}]}}}, [1, "a", None, True, {}], [[["x"]]]),
    *ODD_TEXTS,
)
KEYS: Final = (
    *("apiVersion", "kind", "metadata", "name", "namespace", "spec", "path", "sourceRef", "dependsOn", "wait"),
    "values",
    *("resources", "bases", "components", "patches", "patchesJson6902", "patchesStrategicMerge", "crds", "generators"),
    *("transformers", "validators", "configurations", "openapi", "helmCharts", "configMapGenerator", "replacements"),
    *("postBuild", "substitute", "substituteFrom", "healthChecks", "healthCheckExprs", "targetNamespace", "suspend"),
    *("kubeConfig", "chartRef", "install", "items", "data", "stringData", "labels", "annotations", "instance", "sync"),
    *("", "a.b", "x/y", "1", "null", "<<", "buildMetadata", "metadata.name", "ignoreMissingComponents"),
    "commonMetadata",
)
ODD_PATHS: Final = (
    *(CONFIG, SYNC, ".github/.fluxbot.yaml", "kustomization.yaml", "infra/Kustomization"),
    *("apps/kustomization.yml", "infra"),
    *("infra/kustomization.yaml/x.yaml", "a\nb.yaml", "clusters/main/\x1b.yaml", "x" * 300 + ".yaml"),
    "d/" * 900 + "x.yaml",
    *("clusters/other/flux-system/gotk-sync.yaml", "charts/local/charts/sub/Chart.yaml", "apps/base/é`@.yaml"),
    *("~", "-"),
)


DAMAGE: Final = (
    *(b"\xff\xfe", b"\x00", b"\t", b"\r", b"\r\n", b"\n", b"---\n", b"\n---\n"),
    *(b"...\n", b"%YAML 1.1\n---\n", b"\xef\xbb\xbf"),
    *(b"&a ", b"*a", b"&a *a", b"<<: *a\n", b"!!binary ", b"!include x"),
    *(b"!!python/object/apply:os.system [id]", b"!<x> "),
    *(b"{", b"}", b"[", b"]", b'"', b"'", b"|", b">", b"|+\n", b"? ", b": ", b"- "),
    *(b"#", b"@", b"`", b"%", b"${x}", b"$"),
    *(b"[" * 300, b"{a: " * 300, b"- " * 300, b"&x [*x]", b"\xc3", b"\xed\xa0\x80", "\u2028".encode(), "\x85".encode()),
    *(b"a: &a [x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\nd: [*c,*c,*c]\n", b"a: 1\na: 2\n", b"kind: Kustomization\n"),
)  # fmt: skip
