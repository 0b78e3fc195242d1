"""Run the service: `python -m services.reporting`."""

import sys


def main() -> int:
    # where it is installed, as the local store does, pyarrow takes 11 MB for it; nothing uses it
    sys.modules["numpy"] = None  # type: ignore[assignment]

    from services.reporting.main import create_service
    from services.reporting.settings import ReportingSettings
    from shared.server import serve

    return serve(create_service(ReportingSettings.load()))


if __name__ == "__main__":
    sys.exit(main())
