"""Units of work on their way through the writer: who waits for each, and how one is run."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Connection

from data.tenancy import Tenant, bound_session

R = TypeVar("R")


@dataclass(eq=False, slots=True)
class Job(Generic[R]):
    """A unit of work that waits, and the future of the one who waits for it."""

    tenant: Tenant
    unit: Callable[..., R]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    future: "asyncio.Future[R] | Future[R]"
    loop: asyncio.AbstractEventLoop | None
    result: Any = None
    error: BaseException | None = field(default=None)
    between: bool = False
    """The unit is handed the connection between two transactions, instead of a session in one."""

    def claimed(self) -> bool:
        """Return False when the waiter has gone before the unit started; a started unit still commits."""
        if isinstance(self.future, Future):
            return self.future.set_running_or_notify_cancel()
        return not self.future.cancelled()

    def settle(self) -> None:
        """Hand the outcome to the waiter; a waiter that left meanwhile is no error."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


def settle_all(jobs: list[Job[Any]]) -> None:
    """Hand each outcome to its waiter."""
    for job in jobs:
        job.settle()


def order(job: Job[Any]) -> int:
    """Return the place of a job among those of a batch: by its tenant."""
    return job.tenant.int if isinstance(job.tenant, UUID) else 0


def run_unit(connection: Connection, job: Job[Any]) -> Any:
    """Run the unit in the transaction of the connection, bound to its tenant, and return what it returns."""
    with bound_session(connection, job.tenant) as session:
        return job.unit(session, *job.args, **job.kwargs)


def run_between(connection: Connection, job: Job[Any]) -> None:
    """Hand the unit the connection between two transactions."""
    try:
        job.result = job.unit(connection, *job.args)
    except Exception as error:  # noqa: BLE001 - told to the one who waits; the connection is as it was
        job.error = error
