# A PostgreSQL of our own for one test run: `. tools/postgres.sh; start_postgres; ...; stop_postgres`.
# Nothing of it is left behind, and no other server on the machine is touched.

start_postgres() {
    pg_bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
    pg_dir=$(mktemp -d /tmp/karma-postgres.XXXXXX)
    pg_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    if [ "$(id -u)" = 0 ]; then
        chown postgres "$pg_dir"
        as_owner() { runuser -u postgres -- "$@"; }
    else
        as_owner() { "$@"; }
    fi
    as_owner "$pg_bin/initdb" -D "$pg_dir/data" -U karma --auth=trust --encoding=UTF8 >/dev/null
    as_owner "$pg_bin/pg_ctl" -D "$pg_dir/data" -l "$pg_dir/log" -w \
        -o "-p $pg_port -k $pg_dir -c listen_addresses=127.0.0.1 -c fsync=off" start >/dev/null
    export POSTGRES_URL="postgres://karma@127.0.0.1:$pg_port/postgres"
}

stop_postgres() {
    as_owner "$pg_bin/pg_ctl" -D "$pg_dir/data" -m immediate stop >/dev/null || true
    rm -rf "$pg_dir"
}
