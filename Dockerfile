# The dependencies, exactly as uv.lock names them: made anew only when the lock changes.
FROM ghcr.io/astral-sh/uv:0.13.9-python3.13-bookworm-slim AS dependencies
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PYTHON_DOWNLOADS=never
WORKDIR /app
RUN --mount=type=cache,target=/root/.cache/uv \
    --mount=type=bind,source=pyproject.toml,target=pyproject.toml \
    --mount=type=bind,source=uv.lock,target=uv.lock \
    uv sync --frozen --no-dev --no-install-project

# The service, as a wheel. --check stops the build if uv.lock no longer fits pyproject.toml.
FROM dependencies AS wheel
COPY . .
RUN --mount=type=cache,target=/root/.cache/uv \
    uv lock --check \
    && uv sync --frozen --only-group build --no-install-project \
    && uv build --wheel --out-dir /dist \
    && uv pip install --no-deps --target /wheel /dist/*.whl

# What runs: no uv, no compiler, no cache, no source tree.
FROM python:3.13-slim-bookworm
ENV APP_ENVIRONMENT=production \
    PATH=/app/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
RUN useradd --system --uid 10001 --home-dir /app appuser
WORKDIR /app
COPY --from=dependencies /app/.venv .venv
COPY --from=wheel /wheel .venv/lib/python3.13/site-packages
# The migrations: alembic upgrade head
COPY pyproject.toml .
COPY alembic alembic
USER appuser
EXPOSE 8000
# Without a proxy: what Docker's client puts into http_proxy would be asked for this container's own
# address.
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-c", "from urllib.request import ProxyHandler, build_opener; build_opener(ProxyHandler({})).open('http://127.0.0.1:8000/api/v1/live', timeout=2)"]
# Exec form: the server is process 1 and SIGTERM reaches it. It waits 8 s for requests under way,
# less than the 10 s after which Docker kills. A connection without a request is kept for longer than
# the 60 s of a usual load balancer, which would else send a request where nobody listens any more.
CMD ["uvicorn", "fastapi_single_process.main:app", "--host", "0.0.0.0", "--timeout-graceful-shutdown", "8", "--timeout-keep-alive", "75"]
