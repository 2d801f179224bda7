"""The settings of the server, from `LIMBER_...` environment variables or an `.env` file."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.logs import LogFormat, LogLevel


class Settings(BaseSettings):
    """Every setting has a default that works on one machine without any other service."""

    model_config = SettingsConfigDict(env_prefix="LIMBER_", env_file=".env", extra="ignore")

    database_url: str = Field(default="sqlite:///var/limber.db", description="SQLite file or postgresql:// address.")
    host: str = Field(default="127.0.0.1", description="Address that the server binds to.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port that the server listens on.")
    public_catalog: bool = Field(default=True, description="False: catalogue and recommendations need a key too.")
    cache_megabytes: int = Field(default=16, ge=0, le=4096, description="Memory for cached catalogue answers.")
    rate_limits: bool = Field(default=True, description="False: nobody is refused for asking too much.")
    readers: int = Field(default=4, ge=1, le=64, description="Threads and connections that read.")
    write_queue: int = Field(default=1000, ge=1, le=100_000, description="Writes that may wait before 503.")
    access_minutes: int = Field(default=15, ge=1, le=1440, description="Minutes that an access token lasts.")
    refresh_days: int = Field(default=60, ge=1, le=365, description="Days that an unused refresh token lasts.")
    retention_days: int = Field(
        default=0, ge=0, le=36_500, description="Days after which unused data goes; 0 keeps it."
    )
    receive_seconds: float = Field(
        default=10, gt=0, le=600, description="For the head of a request; a body has 3 times."
    )
    log_format: LogFormat = Field(default="text", description="Lines for people, or JSON objects.")
    log_level: LogLevel = Field(
        default="warning", description="From which level on; at info every request has its line."
    )
    metrics_port: int = Field(default=0, ge=0, le=65535, description="Port of the Prometheus metrics; 0 is none.")
    metrics_host: str = Field(default="127.0.0.1", description="Address that the metrics bind to.")
    forwarded_allow_ips: str = Field(default="", description="Proxies whose X-Forwarded-For is believed.")
