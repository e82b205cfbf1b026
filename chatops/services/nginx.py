"""nginx: its configuration is checked before it is read again."""

import shutil

from chatops.model import NotConfigured
from chatops.orchestrators.fleet import Service
from chatops.services.tools import run_tool
from config.ops_services import BackEnd

_CHECK_S = 30.0


async def check_and_reload(service: Service) -> None:
    """Raises NotPossible with what is wrong with the configuration, which then stays as it is loaded."""
    if service.entry.back_end is BackEnd.SYSTEMD:
        program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
        if program is None:
            raise NotConfigured("nginx is not installed where this process runs, so that nothing can check its files.")
        await run_tool([program, "-t"], _CHECK_S)
    await service.reload()
