#!/bin/sh
# check.sh BUILD - edit new files and fixtures at random, and files of the corpus, if it is there
set -u
cd "$(dirname "$0")/../.." || exit 1
build=$1
corpus=${CORPUS:-../shared/corpus}
passed=0 failed=0

run() {
    "$build/editmodel" "$@" >"$build/editmodel.log" 2>&1
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$build/editmodel.log")
    grep -vE '^[0-9]+ passed, ' "$build/editmodel.log"
    [ -n "$line" ] || line='0 passed, 1 failed'
    f=${line#*, }
    passed=$((passed + ${line%% *}))
    failed=$((failed + ${f%% *}))
}

run 1 200 60 fixtures/good/*.h5
if [ -f "$corpus/dev.txt" ]; then
    # shellcheck disable=SC2046 # names without blanks
    run 1 400 40 $(cut -f 1 "$corpus/dev.txt" | grep -E '\.(h5|hdf5|nc|nx5|mat)$' |
        sed "s|^|$corpus/files/|")
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
