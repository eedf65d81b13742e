#!/bin/sh
# edit.sh - hi5 rm, mv, ln, mkdir, set-attr and extend, as h5ls and h5dump find what they do
#
# HI5 is the tool. The last line is for tools/check.sh.
set -u
here=$(cd "$(dirname "$0")" && pwd)
hi5=${HI5:-$here/../../build/hi5}
case $hi5 in /*) ;; *) hi5=$(pwd)/$hi5 ;; esac
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export TZ=UTC LC_ALL=C
good=$here/../../fixtures/good
cd "$work" || exit 1
passed=0 failed=0

# same WHAT WANTED GOT
same() {
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAIL %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3" | cut -c 1-300
    fi
}
# The exit status of the tool, and then whether the file is sound.
try() {
    "$hi5" "$@" >out 2>err
    echo "$? $("$hi5" check -q f.h5 >/dev/null 2>&1 && echo sound)"
}
names() {
    h5ls "f.h5$1" | awk '{ print $1 }' | tr '\n' ' '
}
value() {
    h5dump -a "$1" f.h5 | sed -n 's/^ *(0): //p'
}
fresh() {
    cp "$good/demo.h5" f.h5
    chmod u+w f.h5
}

fresh
first=$(h5ls f.h5 | awk 'NR == 1 { print $1 }')
same "mkdir" "0 sound" "$(try mkdir f.h5/new f.h5/other)"
same "mkdir, there" "1 sound" "$(try mkdir f.h5/new)"
same "mkdir, no parents" "1 sound" "$(try mkdir f.h5/a/b)"
same "mkdir -p" "0 sound" "$(try mkdir -p f.h5/a/b f.h5/new)"
same "mkdir -t" "0 sound" "$(try mkdir -t f.h5/ordered)"
same "mkdir made them" "b " "$(names /a)"
"$hi5" mkdir f.h5/ordered/z f.h5/ordered/y
same "mkdir -t tracks" "z y " "$(h5dump -q creation_order -H -g /ordered f.h5 |
    sed -n 's/^ *GROUP "\([zy]\)".*/\1/p' | tr '\n' ' ')"

same "ln" "0 sound" "$(try ln "f.h5/$first" /a/b/again)"
same "ln -s" "0 sound" "$(try ln -s /a/b f.h5/soft)"
same "ln -x" "0 sound" "$(try ln -x other.h5 -s /x f.h5/outside)"
same "ln -x alone" "1 sound" "$(try ln -x other.h5 f.h5/wrong)"
same "ln, there" "1 sound" "$(try ln -s /x f.h5/soft)"
same "ln made a soft link" "soft                     Soft Link {/a/b}" "$(h5ls f.h5/soft)"
same "ln made an external link" 1 "$(h5ls f.h5 | grep -c 'External Link {other.h5//x}')"

same "mv" "0 sound" "$(try mv f.h5/new /newer)"
same "mv into a group" "0 sound" "$(try mv f.h5/newer f.h5/other /a/b/)"
same "mv moved them" "again newer other " "$(names /a/b)"
same "mv, into itself" "1 sound" "$(try mv f.h5/a /a/b/c)"
same "mv, there" "1 sound" "$(try mv f.h5/a/b/newer /outside)"
same "mv several, no group" "1 sound" "$(try mv f.h5/soft f.h5/outside /nothing)"

same "set-attr" "0 sound" "$(try set-attr f.h5/a@count 42)"
same "set-attr, a number" 42 "$(value /a/count)"
same "set-attr, again, text" "0 sound" "$(try set-attr f.h5/a@count "so many")"
same "set-attr, text" '"so many"' "$(value /a/count)"
same "set-attr, floats" "0 sound" "$(try set-attr -t f4 f.h5/@origin -- 0 -0.5 1e-3)"
same "set-attr, floats" "0, -0.5, 0.001" "$(value /origin)"
same "set-attr, shape" "0 sound" "$(try set-attr -t u1 -s 2,3 f.h5/@box 1 2 3 4 5 255)"
same "set-attr, shape" "DATASPACE  SIMPLE { ( 2, 3 ) / ( 2, 3 ) }" \
    "$(h5dump -a /box f.h5 | sed -n 's/^ *\(DATASPACE.*\)/\1/p')"
same "set-attr, wrong shape" "1 sound" "$(try set-attr -s 2,3 f.h5/@box 1 2 3)"
same "set-attr, no number" "1 sound" "$(try set-attr -t i4 f.h5/@box one)"
same "set-attr, negative" "1 sound" "$(try set-attr -t u4 f.h5/@box -- -1)"
same "set-attr, no type" "1 sound" "$(try set-attr -t x4 f.h5/@box 1)"
same "set-attr, fixed" "0 sound" "$(try set-attr -t s8 f.h5/@fixed four)"
same "set-attr, fixed" 1 "$(h5dump -a /fixed f.h5 | grep -c 'STRSIZE 8;')"
same "set-attr, too long" "1 sound" "$(try set-attr -t s3 f.h5/@fixed four)"
same "mv, attribute" "0 sound" "$(try mv f.h5/@origin @where)"
same "mv, attribute" "0, -0.5, 0.001" "$(value /where)"

same "rm" "0 sound" "$(try rm -v f.h5/a/b/again f.h5/soft)"
same "rm says so" 2 "$(grep -c deleted out)"
same "rm, not there" "1 sound" "$(try rm f.h5/nothing)"
same "rm -f, not there" "0 sound" "$(try rm -f f.h5/nothing)"
same "rm, all or nothing" "1 sound" "$(try rm f.h5/a f.h5/nothing)"
same "rm, nothing" "b " "$(names /a)"
same "rm, an attribute" "0 sound" "$(try rm f.h5/@where)"
same "rm, the root" "1 sound" "$(try rm f.h5/)"
same "rm, the rest" "0 sound" "$(try rm f.h5/a f.h5/ordered f.h5/outside)"
same "rm, an object stays that has another name" "$first" \
    "$(h5ls f.h5 | awk 'NR == 1 { print $1 }')"

cp "$good/layouts-new.h5" f.h5
chmod u+w f.h5
d=$(h5ls f.h5 | awk -F'Dataset' '/Inf}/ { sub(/ *$/, "", $1); gsub(/\\ /, " ", $1); print $1; exit }')
was=$(h5ls "f.h5/$d" | sed 's/.*{\([0-9]*\).*/\1/')
rest=$(h5ls "f.h5/$d" | sed 's/.*{\(.*\)}/\1/' | sed 's/^[^,]*//; s#/[^,]*##g; s/ //g')
same "extend" "0 sound" "$(try extend -v "f.h5/$d" "+5$rest")"
same "extend extends" $((was + 5)) "$(h5ls "f.h5/$d" | sed 's/.*{\([0-9]*\).*/\1/')"
same "extend back" "0 sound" "$(try extend "f.h5/$d" "-5$rest")"
same "extend, too little" "1 sound" "$(try extend "f.h5/$d" "-100000$rest")"
same "extend, other rank" "1 sound" "$(try extend "f.h5/$d" "1,2,3,4,5,6,7")"
same "extend, no number" "1 sound" "$(try extend "f.h5/$d" "x")"
same "no file" 1 "$("$hi5" rm nothing.h5/x 2>/dev/null; echo $?)"
chmod a-w f.h5
[ "$(id -u)" = 0 ] || same "read-only" 1 "$("$hi5" rm f.h5/x 2>/dev/null; echo $?)"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
