ARG PYTHON_IMAGE=python:3.12-slim-bookworm

# Made here, where pip and a build backend are; only the environment itself goes on.
FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
# hadolint ignore=DL3008,DL3015
RUN apt-get update -qq && apt-get install -qq -y --no-install-recommends binutils && rm -rf /var/lib/apt/lists/* \
    && python3 -m venv /opt/tocsin
WORKDIR /src
# Or requirements-image-tracing.lock, which holds OpenTelemetry besides.
ARG LOCK=requirements-image.lock
COPY ${LOCK} ./
RUN /opt/tocsin/bin/pip install -q --no-compile --only-binary :all: --require-hashes -r ${LOCK}
COPY . .
# Debug symbols, the libraries' own tests, and what only compilers and type checkers read are a third of it.
RUN /opt/tocsin/bin/pip install -q --no-compile --no-deps --no-build-isolation --no-index . \
    && /opt/tocsin/bin/pip uninstall -q --yes hatchling editables trove-classifiers setuptools pip \
    && find /opt/tocsin -name '*.so' -not -path '*.libs/*' -exec strip --strip-unneeded {} + \
    && find /opt/tocsin -depth -type d \( -name test -o -name tests -o -name testing -o -name sboms \) -exec rm -r {} + \
    && find /opt/tocsin/lib -type f \( -name '*.py[ix]' -o -name '*.pxd' -o -name '*.[ch]' -o -name '*-Italic*.ttf' \) -delete \
    && /opt/tocsin/bin/tocsin --version

FROM ${PYTHON_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Tocsin" \
      org.opencontainers.image.description="Watches machines, keeps the history, tells the people on call" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# Nobody becomes root in here, not even by a program of the base image.
RUN groupadd --gid 10001 tocsin \
    && useradd --uid 10001 --gid 10001 --home-dir /tmp --no-create-home --shell /usr/sbin/nologin tocsin \
    && find / -xdev -type f -perm /6000 -exec chmod a-s {} +
COPY --from=build /opt/tocsin /opt/tocsin
# Whatever is written is written below /tmp, so that the rest may be read-only.
ENV PATH=/opt/tocsin/bin:$PATH HOME=/tmp TOCSIN_HOME=/tmp/tocsin PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /tmp
ENTRYPOINT ["tocsin"]
CMD ["--help"]
