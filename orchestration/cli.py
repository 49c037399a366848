"""The `headwater` command.

Belongs here: arguments, exit codes, one line for every error a person can mend. Does not belong here: the work.
Imports of dlt, dbt and Dagster happen in the commands that need them: together they cost six seconds.
"""

import argparse
import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import psutil

from connectors.errors import HeadwaterError
from orchestration.database import Databases, home, open_databases, psql_command, redact


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code: 0 fine, 1 a verdict or a step failed, 2 wrongly called."""
    signal.signal(signal.SIGTERM, _leave)
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except KeyboardInterrupt:
        print("headwater: interrupted; the next run goes on from what is complete", file=sys.stderr)
        return 130
    except HeadwaterError as error:
        print(f"headwater: {error}", file=sys.stderr)
        return 1


def _leave(_number: int, _frame: FrameType | None) -> None:
    """SIGTERM ends like Ctrl-C, so that the server is stopped."""
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="headwater", description="Headwater: V1 into V2, with proof.")
    commands = parser.add_subparsers(required=True, metavar="command")

    run = commands.add_parser("run", help="land what changed, build what follows, reconcile")
    run.add_argument("--select", metavar="ASSETS", help="a Dagster asset selection, e.g. 'key:\"v2/agent\"+'")
    run.add_argument("--full", action="store_true", help="land every row again")
    run.add_argument("--rebuild", action="store_true", help="build every model, changed or not")
    run.set_defaults(command=_run)

    reconcile = commands.add_parser(
        "reconcile", help="land what changed, compare V1 with V2; exit code 0 only if they agree"
    )
    reconcile.add_argument("--json", action="store_true", help="print the outcome as JSON")
    reconcile.add_argument("--no-land", action="store_true", help="compare with V1 as it was last landed")
    reconcile.set_defaults(command=_reconcile)

    report = commands.add_parser("report", help="compare V1 as last landed with V2, and write it all as one HTML page")
    report.add_argument("--output", metavar="PATH", type=Path, help="the page; default: report.html in HEADWATER_HOME")
    report.set_defaults(command=_report)

    psql = commands.add_parser("psql", help="the bundled psql on the warehouse: headwater psql -- -c 'select 1'")
    psql.add_argument("rest", nargs=argparse.REMAINDER)
    psql.set_defaults(command=_psql)

    execute = commands.add_parser(
        "exec", help="a program with the databases up: headwater exec -- dbt test --select agent"
    )
    execute.add_argument("rest", nargs=argparse.REMAINDER)
    execute.set_defaults(command=_exec)

    ui = commands.add_parser("ui", help="Dagster's web page over the same instance")
    ui.add_argument("--port", type=int, default=3000)
    ui.set_defaults(command=_ui)

    sandbox = commands.add_parser(
        "sandbox", help="fill: make the sandbox anew; advance: let a day pass in it; serve: keep its servers up"
    )
    sandbox.add_argument("action", choices=["fill", "advance", "serve"])
    sandbox.set_defaults(command=_sandbox)

    database = commands.add_parser("database", help="the databases: start, stop, status, or `env` for a shell")
    database.add_argument("action", choices=["start", "stop", "status", "env"])
    database.set_defaults(command=_database)

    doctor = commands.add_parser("doctor", help="what is configured, what is missing, what is wrong")
    doctor.set_defaults(command=_doctor)
    return parser


def _run(options: argparse.Namespace) -> int:
    from orchestration import pipeline
    from orchestration.progress import progress, show_progress

    show_progress()
    with open_databases() as databases, pipeline.sources(databases):
        is_renewed = pipeline.run(options.select, full=options.full, rebuild=options.rebuild)
        if not is_renewed:
            progress("comparing V1 with V2")
        passed = _print_reconciliation(databases, as_json=False, renew=not is_renewed)
        _print_unread(databases)
    program = "headwater" if shutil.which("headwater") else os.path.relpath(sys.argv[0])
    print("\nWhere to look next:")
    print(f"  {program} psql               the warehouse; tables in schemas v2 and reconciliation")
    print(f"  {program} reconcile --json   the same verdict, for CI")
    print(f"  {program} report             the same as one HTML page")
    print(f"  make ui{' ' * (len(program) + 13)}lineage, runs and checks in Dagster")
    return 0 if passed else 1


def _print_unread(databases: Databases) -> None:
    """Tell which accounts of live sources could not be read: their rows are as they were, the next run tries again."""
    import psycopg

    from connectors.landing_live import errors
    from connectors.registry import live_sources

    with psycopg.connect(databases.warehouse) as connection:
        unread = [
            f"{source.name}, account {account}: {resource}: {error}"
            for source in live_sources()
            for account, resource, error in errors(connection, source.schema)
        ]
    if unread:
        print("\nNot read; the next run tries again:")
        for line in unread:
            print(f"  {line}")


def _reconcile(options: argparse.Namespace) -> int:
    from orchestration import pipeline

    with open_databases() as databases:
        if not options.no_land:
            from connectors.v1.source import land

            with pipeline.sources(databases, live=False):
                land(databases.warehouse, home())
        return 0 if _print_reconciliation(databases, as_json=options.json, renew=True) else 1


def _print_reconciliation(databases: Databases, *, as_json: bool, renew: bool) -> bool:
    import psycopg
    from rich.console import Console

    from orchestration import reconciliation

    with psycopg.connect(databases.warehouse, autocommit=True) as connection:
        if renew:
            reconciliation.renew(connection)
        result = reconciliation.collect(connection)
    if as_json:
        print(json.dumps(result, indent=2, default=str))
    else:
        reconciliation.show(result, Console())
    return bool(result["verdict"] == "pass")


def _report(options: argparse.Namespace) -> int:
    from orchestration.report import page

    with open_databases() as databases:
        path = options.output or home() / "report.html"
        print(f"verdict: {page.write(databases, path)}")
    print(path)
    return 0


def _rest(options: argparse.Namespace) -> list[str]:
    return options.rest[1:] if options.rest[:1] == ["--"] else list(options.rest)


def _psql(options: argparse.Namespace) -> int:
    with open_databases() as databases:
        program, variables = psql_command(databases)
        return subprocess.run([*program, *_rest(options)], env=variables, check=False).returncode


def _exec(options: argparse.Namespace) -> int:
    from orchestration.project import environment

    command = _rest(options)
    if not command:
        raise HeadwaterError("headwater exec needs a program: headwater exec -- dbt test")
    programs = Path(sys.executable).parent
    with open_databases() as databases:
        variables = {
            **os.environ,
            **environment(databases),
            "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}",
        }
        if not shutil.which(command[0], path=variables["PATH"]):
            raise HeadwaterError(f"headwater exec: there is no program {command[0]!r}")
        return subprocess.run(command, env=variables, check=False).returncode


def _ui(options: argparse.Namespace) -> int:
    from orchestration import pipeline
    from orchestration.project import ROOT

    with open_databases() as databases, pipeline.sources(databases):
        place = ["-h", "127.0.0.1", "-p", str(options.port), "-w", str(ROOT / "workspace.yaml")]
        server = subprocess.Popen([sys.executable, "-m", "dagster", "dev", *place], cwd=ROOT)
        try:
            return server.wait()
        finally:
            _end(server)


def _end(server: subprocess.Popen[bytes]) -> None:
    """Ask the server to stop, and end it with its children when it does not (nohup makes it deaf to signals)."""
    if server.poll() is not None:
        return
    family = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
    server.terminate()
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        for member in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()


def _sandbox(options: argparse.Namespace) -> int:
    from orchestration import sandbox
    from orchestration.progress import progress, show_progress

    show_progress()
    with open_databases() as databases:
        if options.action == "fill":
            sandbox.fill(databases, sandbox.scale(), anew=True)
        elif options.action == "advance":
            progress(f"the sandbox's day is now {sandbox.advance(databases)}")
        else:
            with sandbox.serving(databases) as urls:
                for name, url in urls.items():
                    print(f"{name}\t{url}", flush=True)
                signal.pause()
    return 0


def _database(options: argparse.Namespace) -> int:
    from orchestration.postgres_server import PostgresServer

    if options.action == "env":
        from orchestration.project import environment

        with open_databases() as databases:
            for name, value in sorted(environment(databases).items()):
                print(f"export {name}={shlex.quote(value)}")
        return 0
    if os.environ.get("DATABASE_URL"):
        raise HeadwaterError("DATABASE_URL is set: that server is yours to start and stop.")
    server = PostgresServer(home())
    if options.action == "start":
        with open_databases() as databases:
            server.keep_running()
            print(f"running: {redact(databases.warehouse)}")
    elif options.action == "stop":
        server.stop()
    else:
        print("running" if server.is_healthy() else "stopped")
    return 0


def _doctor(_options: argparse.Namespace) -> int:
    from orchestration import doctor

    problems = doctor.report()
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
