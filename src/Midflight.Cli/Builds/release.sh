#!/bin/sh
# The command of the release @NAME@; `@NAME@ help` lists what it can do.
set -eu
again=

# Where a node restarts for an upgrade, a failure starts what is committed instead.
fail() {
    echo "$1" >&2
    [ -z "$again" ] || exec "$0" foreground
    exit 1
}

# The folder above that of this script, through symbolic links.
self=$0
while [ -h "$self" ]; do
    link=$(readlink "$self")
    case $link in
        /*) self=$link ;;
        *) self=$(dirname "$self")/$link ;;
    esac
done
case $self in
    */*) folder=${self%/*} ;;
    *) folder=. ;;
esac
root=$(cd -P "$folder/.." && pwd)

# What the next start runs: RELEASE MIDFLIGHT RUNTIME. Before the first start the only release there is.
start=$root/releases/start.txt
if [ ! -f "$start" ]; then
    set -- "$root"/releases/*/start.txt "$@"
    start=$1
    [ -f "$start" ] || fail "There is no release in $root/releases. Unpack a package with \`tar -xzf\` in $root."
    shift
    case ${1:-} in
        "$root"/releases/*/start.txt)
            fail "None of the releases in $root/releases was committed. Copy the start.txt of the one to start from its folder to $root/releases." ;;
    esac
fi
config=
# A start that cannot be takes what was committed before, once, and says so: files that .NET needs before Midflight can look at anything.
if [ -z "$again" ] && [ "${1:-}" != go-on ] && [ -f "$root/releases/start.before.txt" ]; then
    read -r version midflight runtime <"$start" || version=
    lacks=
    for file in "$root/releases/$version/runtimeconfig.json" "$root/lib/midflight-$midflight/Midflight.Cli.dll"; do
        [ -s "$file" ] || lacks=$file
    done
    [ "$runtime" = - ] || [ -x "$root/runtime-$runtime/dotnet" ] || lacks=$root/runtime-$runtime/dotnet
    if [ -z "$lacks" ] && [ -f "$root/run/starting" ] && [ "${1:-}" = foreground ]; then
        # The last start ended before Midflight could say why: try, before it becomes this process.
        try=dotnet
        [ "$runtime" = - ] || try=$root/runtime-$runtime/dotnet
        "$try" exec --runtimeconfig "$root/releases/$version/runtimeconfig.json" "$root/lib/midflight-$midflight/Midflight.Cli.dll" node >/dev/null 2>&1 ||
            lacks="a file that .NET or Midflight starts with"
    fi
    if [ -n "$lacks" ]; then
        echo "Release $version cannot be started: $lacks is missing or damaged. The release that was committed before is started; see \`releases\`." >&2
        mv "$root/releases/start.before.txt" "$start"
    fi
fi
if [ "${1:-}" = go-on ] && [ $# -eq 3 ]; then
    # A node restarts for an upgrade: the applications of the release $2, on the runtime of the release $3.
    again=$2
    start=$root/releases/$3/start.txt
    config=$root/releases/$3/runtimeconfig.json
fi
read -r version midflight runtime <"$start" || fail "$start cannot be read."
version=${again:-$version}

# What a release has set for itself is not for the next one.
case ${DOTNET_ROOT:-} in
    "$root"/runtime-*) unset DOTNET_ROOT ;;
esac

# .NET: the release's own, the one of DOTNET_ROOT, the one of the PATH, the one where it is usually installed.
if [ "$runtime" != - ]; then
    DOTNET_ROOT=$root/runtime-$runtime
    dotnet=$DOTNET_ROOT/dotnet
    export DOTNET_ROOT
elif [ -x "${DOTNET_ROOT:-}/dotnet" ]; then
    dotnet=$DOTNET_ROOT/dotnet
else
    dotnet=$(command -v dotnet) || dotnet=
    for place in /usr/share/dotnet /usr/lib/dotnet /usr/local/share/dotnet "${HOME:-}/.dotnet"; do
        [ -n "$dotnet" ] || [ ! -x "$place/dotnet" ] || dotnet=$place/dotnet
    done
    [ -n "$dotnet" ] || fail "There is no dotnet here. Install .NET, or build the release with \`--include-runtime\`."
fi

# The C library would keep a heap for each thread that ever compiled something; .NET gains nothing by more than two.
MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX:-2}
export MALLOC_ARENA_MAX

cli=$root/lib/midflight-$midflight/Midflight.Cli.dll
if [ "${1:-}" = foreground ] && [ $# -eq 1 ]; then
    # Taken away by Midflight, as soon as it runs.
    [ ! -d "$root/run" ] || : >"$root/run/starting" || :
    exec "$dotnet" exec --runtimeconfig "$root/releases/$version/runtimeconfig.json" "$cli" node "$root" @NAME@ "$version"
fi
if [ -n "$again" ]; then
    "$dotnet" exec --runtimeconfig "$config" "$cli" node || fail "Release $3 does not run here: $dotnet cannot run $cli."
    exec "$dotnet" exec --runtimeconfig "$config" "$cli" node "$root" @NAME@ "$version" go-on
fi
exec "$dotnet" "$cli" client "$root" @NAME@ "$@"
