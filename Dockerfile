# syntax=docker/dockerfile:1
# capelint alone in an image: no shell, no libraries, no network needed.
#
#   docker build -t capelint .
#   docker run --rm --network none -v "$PWD:/work:ro" capelint check march.csv --es003 es003.csv

# Alpine's Rust links statically, so the binary runs without a system around it.
FROM rust:1.95-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin capelint \
 && cp target/release/capelint /capelint

FROM scratch
COPY --from=build /capelint /capelint
COPY LICENSE-MIT LICENSE-APACHE /
WORKDIR /work
# Nothing can be written but where the caller mounts a folder for it.
USER 65534:65534
ENTRYPOINT ["/capelint"]
CMD ["--help"]
