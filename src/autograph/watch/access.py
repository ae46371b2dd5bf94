"""Who may look behind the scenes, and who may change how the installation runs."""

from typing import Annotated

from fastapi import Depends

from autograph.clients.asked import permitted
from autograph.model.principal import Principal
from autograph.model.rights import Permission

Observer = Annotated[Principal, Depends(permitted(Permission.OPERATIONS_READ))]
"""Somebody who may see how the installation runs; everybody else gets 401 or 403."""

Operator = Annotated[Principal, Depends(permitted(Permission.OPERATIONS_MANAGE))]
"""Somebody who may handle alerts and errors, and set log levels."""
