#!/bin/bash
# Builds everything and runs every test. On Debian, as root, installs first what the tests need.
#
#   ./test.sh                 everything
#   ./test.sh quick           without the tests that carry the trait Speed=Slow
#   ./test.sh [quick] ARGS    ARGS go to the test runner, such as --filter-class "*ConsistentRing*"
#
# The last line is always "N passed, N failed, N skipped"; the exit code is 0 only when something passed and nothing failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
export DOTNET_CLI_UI_LANGUAGE=en DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

passed=0 failed=0 skipped=0 complete=no
log=$(mktemp) failures_log=$(mktemp) policy=

# What tests measured, such as the time to recover from each fault; printed before the last line.
RINGKEEPER_TEST_REPORT=$(mktemp) && export RINGKEEPER_TEST_REPORT

finish() {
  local code=$?
  [ -z "$policy" ] || rm -f "$policy"
  cat "$RINGKEEPER_TEST_REPORT" "$failures_log"
  rm -f "$log" "$failures_log" "$RINGKEEPER_TEST_REPORT"
  # A run that ended early, a crash and a run without any test are failures, though no test counted itself as failed.
  if [ "$failed" = 0 ] && { [ "$complete" = no ] || [ "$passed" = 0 ]; }; then failed=1; fi
  echo "$passed passed, $failed failed, $skipped skipped"
  if [ "$failed" != 0 ] && [ "$code" = 0 ]; then code=1; fi
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

missing_packages() {
  local java=/usr/share/java
  command -v redis-server >/dev/null || echo redis-server
  command -v nutcracker >/dev/null || echo nutcracker
  command -v java >/dev/null || echo default-jre-headless
  command -v setpriv >/dev/null || echo util-linux
  command -v mount >/dev/null || echo mount
  command -v ip >/dev/null || echo iproute2
  [ -x /usr/bin/systemd-analyze ] || echo systemd
  [ -e $java/zookeeper.jar ] || echo libzookeeper-java
  [ -e $java/slf4j-simple.jar ] || echo libslf4j-java
  [ -e $java/netty-codec.jar ] && [ -e $java/netty-resolver.jar ] || echo libnetty-java
  /usr/bin/python3 -c 'import kazoo' 2>/dev/null || echo python3-kazoo
  [ -x /usr/sbin/krb5kdc ] && [ -x /usr/sbin/kdb5_util ] || echo krb5-kdc
  [ -x /usr/sbin/kadmin.local ] || echo krb5-admin-server
  compgen -G '/usr/lib/*/libgssapi_krb5.so.2' >/dev/null || echo libgssapi-krb5-2
  [ -x /usr/bin/chromium ] || echo chromium
  command -v gcc >/dev/null || echo gcc
  [ -e /usr/include/zlib.h ] || echo zlib1g-dev
}

install_packages() {
  echo "Installing: $*"
  # Only the programs are wanted: Debian asks this file before it starts a service, and 101 means no.
  local file=/usr/sbin/policy-rc.d
  if [ ! -e $file ]; then
    policy=$file
    printf '#!/bin/sh\nexit 101\n' >"$file" && chmod 755 "$file" || return 1
  fi
  # Slim images lack the folder that the Java package puts links into.
  mkdir -p /usr/share/man/man1
  DEBIAN_FRONTEND=noninteractive apt-get -qq update </dev/null &&
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
      -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold install "$@" </dev/null
  local code=$?
  if [ -n "$policy" ]; then rm -f "$policy"; policy=; fi
  return $code
}

count() { awk -v key="$1:" '/^Test run summary/ { on = 1 } on && $1 == key { sum += $2 } END { print sum + 0 }' "$log"; }

# Runs all test projects once and adds to the counts; the arguments go to the runner.
run_tests() {
  dotnet test --solution RingKeeper.slnx --no-build --no-progress --no-ansi "$@" 2>&1 | tee "$log"
  local code=${PIPESTATUS[0]} failures
  failures=$(count failed)
  if [ "$code" != 0 ] && [ "$failures" = 0 ]; then failures=1; fi
  # What failed is told once more at the end: the middle of a long log is easily lost.
  grep -A 6 '^failed ' "$log" >>"$failures_log"
  passed=$((passed + $(count succeeded)))
  failed=$((failed + failures))
  skipped=$((skipped + $(count skipped)))
}

speed=()
if [ "${1-}" = quick ]; then
  shift
  speed=(--filter-not-trait Speed=Slow)
fi

mapfile -t missing < <(missing_packages)
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ]; then
    echo "Missing for the tests: ${missing[*]}. Install these Debian packages, or run this script as root." >&2
    exit 1
  fi
  if ! install_packages "${missing[@]}"; then
    echo "Could not install: ${missing[*]}." >&2
    exit 1
  fi
fi

dotnet build RingKeeper.slnx || { echo "The build failed; no test ran." >&2; exit 1; }

# Exit code 8 means that a project had no matching test: right for a chosen part, wrong for a whole run.
none_matches=()
[ $# = 0 ] || none_matches=(--ignore-exit-code 8)
alone=(--parallel none --max-parallel-test-modules 1 --ignore-exit-code 8)

case " $* " in
  *" --filter-trait "* | *" --filter-query "* | *" --filter "*)
    # These do not combine with the filters of two passes; nothing runs beside anything instead.
    run_tests "${alone[@]}" ${speed[@]+"${speed[@]}"} "$@"
    ;;
  *)
    run_tests ${none_matches[@]+"${none_matches[@]}"} ${speed[@]+"${speed[@]}"} --filter-not-trait Run=Alone "$@"
    # Faults timed against real servers get the machine to themselves.
    run_tests "${alone[@]}" ${speed[@]+"${speed[@]}"} --filter-trait Run=Alone "$@"
    ;;
esac
complete=yes
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
