"""Reading a SOAP answer of 50 MB against lxml's bare parse of the same file into a tree.

Ours runs from the file to rows of JSON, the proof that the answer is whole counted in. The two take turns in
processes of their own, whose peak memory is reported. Belongs here: measuring. Does not belong here: the network.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

MEGABYTES = 50
_FIELDS = (
    "UnitID UnitNumber UnitDescription BuildingID BuildingNumber BuildingName FloorplanID FloorplanName Adr1 City State"
    " Zip GrossSqft RentableSqft Mobility Hearing Vision Vacant Available AvailableDate UnitDeleted ReasonNotAvailable"
    " UnitMadeReadyDate UnitExpectedMoveinDate OnNoticeForDate UnitReserved FpReportUnitOccupancy"
    " MarketRent MaximumOccs"
).split()
_OURS = """
import json, resource, sys, time
from pathlib import Path
from connectors.soap import Answer, Service
import connectors
wsdl = Path(connectors.__file__).parent / "realpage_rpx" / "wsdl" / "realpage_rpx.wsdl"
service = Service("benchmark", wsdl, "https://127.0.0.1/")
began_at = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
began = time.perf_counter()
rows = sum(len(batch) for batch in Answer(service, "unitlist", open(sys.argv[1], "rb")).records("UnitList/Unit"))
seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - began_at
print(json.dumps({"rows": rows, "seconds": seconds, "peak_mb": peak}))
"""
_BARE = """
import json, resource, sys, time
from lxml import etree
began_at = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
began = time.perf_counter()
tree = etree.parse(sys.argv[1])
seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - began_at
print(json.dumps({"rows": 0, "seconds": seconds, "peak_mb": peak}))
"""


def measure(runs: int, scale: float) -> list[tuple[str, ...]]:
    """Measure and return table rows: what, reference, our median, its median, ratio, peak memory above the start."""
    del scale
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer.xml"
        write(path, MEGABYTES)
        ours, bare = [], []
        for _ in range(runs):
            ours.append(_child(_OURS, path))
            bare.append(_child(_BARE, path))
    mine, its = (statistics.median(run["seconds"] for run in one) for one in (ours, bare))
    peaks = (max(run["peak_mb"] for run in one) for one in (ours, bare))
    return [
        (
            f"a SOAP answer of {MEGABYTES} MB, {ours[0]['rows']:,.0f} rows",
            "lxml's bare parse",
            f"{mine:.2f} s",
            f"{its:.2f} s",
            f"{mine / its:.2f}",
            " against ".join(f"{peak:.0f} MB" for peak in peaks),
        )
    ]


def write(path: Path, megabytes: int) -> int:
    """Write an answer to `unitlist` of so many megabytes; return how many units it holds."""
    unit = "<Unit>" + "".join(f"<{name}>{name} 0012</{name}>" for name in _FIELDS) + "</Unit>"
    count = megabytes * 2**20 // len(unit)
    head = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><unitlistResponse'
        ' xmlns="http://tempuri.org/"><unitlistResult><UnitList xmlns="">'
    )
    with path.open("w") as file:
        file.write(head)
        for _ in range(count):
            file.write(unit)
        file.write("</UnitList></unitlistResult></unitlistResponse></s:Body></s:Envelope>")
    return count


def _child(code: str, path: Path) -> dict[str, float]:
    answer = subprocess.run([sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(answer)
    return found
