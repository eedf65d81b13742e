#!/bin/sh
# demo.sh HI5 - the tool at work on a file that libhdf5 wrote
set -eu
hi5=$1
file=fixtures/good/demo.h5

show() {
    printf '\n$ hi5'
    for word; do
        case $word in
        *[!A-Za-z0-9_./-]*) printf " '%s'" "$word" ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
    "$hi5" "$@"
}

echo "$file was written by libhdf5. hi5 reads it without."
show ls -r $file
echo
echo "Six columns of four rows of the first image; its chunks are shuffled, deflated and summed:"
show cat "$file/detector/images[0, 0:4, 0:6]"
echo
echo "All attributes, and the structure around them:"
show dump -A $file
