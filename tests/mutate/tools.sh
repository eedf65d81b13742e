#!/bin/sh
# tools.sh BUILD [SEED [COUNT [FILE...]]] - run the subcommands on mutants
#
# None may die of a signal, take over a minute, or run out of the memory given to it
# (none is limited in a build with sanitizers, whose reports end a run with status 99).
set -u
cd "$(dirname "$0")/../.." || exit 1
build=$1
seed=${2:-1}
count=${3:-40}
[ $# -gt 3 ] && shift 3 || set -- fixtures/good/*.h5
folder=$build/mutants
passed=0
failed=0
ASAN_OPTIONS=exitcode=99:detect_leaks=1
UBSAN_OPTIONS=exitcode=99
export ASAN_OPTIONS UBSAN_OPTIONS

memory=unlimited
nm "$build/hi5" 2>/dev/null | grep -q __asan_init || memory=${MEMORY:-393216} # KiB

rm -rf "$folder"
mkdir -p "$folder"
"$build/mutate" -s "$seed" -c "$count" -w "$folder" "$@" >"$folder/list" || exit 1

try() {
    # A dataset may be vast, and legal: the first megabytes of it will do.
    {
        (ulimit -v "$memory" && exec timeout 60 "$build/hi5" "$@") 2>"$folder/err"
        echo $? >"$folder/code"
    } | head -c 4000000 >"$folder/out"
    code=$(cat "$folder/code")
    if [ $code -ge 99 ] || grep -q 'out of memory' "$folder/err"; then
        failed=$((failed + 1))
        echo "hi5 $*: status $code"
        grep -aE 'ERROR|SUMMARY|runtime error|memory' "$folder/err" | head -n 3
        grep -F "$file:" "$folder/list"
    else
        passed=$((passed + 1))
    fi
}

for file in "$folder"/*.h5; do
    try ls -r "$file"
    try ls -rvd "$file"
    try dump "$file"
    try dump -p -H "$file"
    try check --json "$file"
    try map --json "$file"
    try recover --list "$file"
    try dump --bytes / "$file"
    for name in $("$build/hi5" ls -r "$file" 2>/dev/null |
        sed -n 's/^\([^ ]*\)  *Dataset.*/\1/p' | head -n 4); do
        try cat "$file$name"
    done
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
