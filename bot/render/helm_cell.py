"""The program inside the Helm cell: renders the chart of the working directory.

Reads ``{"values", "name", "namespace"}`` from stdin and prints
``{"manifests", "crds"}`` (texts by file) or ``{"error"}``. It imports nothing
of fluxbot, so that it starts quickly and the chart meets as little as possible.
"""

from __future__ import annotations

import json
import sys

import helm_python


def main() -> None:
    """Answer the one request."""
    request = json.load(sys.stdin)
    try:
        # ``crds`` minds the conditions of subcharts only after the same chart was rendered with the real values.
        with helm_python.Chart.load(".") as chart:
            rendered = chart.render(request["values"], name=request["name"], namespace=request["namespace"])
            crds = chart.crds
    except helm_python.HelmError as error:
        json.dump({"error": str(error)}, sys.stdout)
        return
    manifests = {name: text for name, text in rendered.items() if not name.endswith("/NOTES.txt")}
    json.dump({"manifests": manifests, "crds": {crd["filename"]: crd["data"] for crd in crds}}, sys.stdout)


if __name__ == "__main__":
    main()
