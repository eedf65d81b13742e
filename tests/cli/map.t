# What every byte is for: the pieces follow one another and add up to the file.
$ map demo.h5
+ awk '/^0x/ { sum += $2 } END { print sum }'
19472

# The picture is well-formed: what is opened is closed, and nothing else is in it.
$ map --svg=/dev/stdout demo.h5
+ awk -v RS='<' 'NR > 1 { split($0, w, "[ >/]"); if (/^\//) { split($0, c, "[/>]"); if (open[depth--] != c[2]) print "closes " c[2] } else if ($0 !~ /\/>/) open[++depth] = w[1]; n[w[1]]++ } END { print depth + 0, n["svg"], n["rect"] - 1 == n["title"] }'
0 1 1

# Its bars, in rows of 406 bytes that are 1000 wide and 16 high, make up the 19472 bytes.
$ map --svg=/dev/stdout demo.h5
+ awk -F"'" '/^<rect x/ { w += $6 * ($8 + 2) / 16 } END { printf "%.0f\n", w * 406 / 1000 }'
19472

# The page has the picture, and the sums by kind.
$ map --html=/dev/stdout demo.h5
+ awk '/<svg/ { a++ } /<\/svg>/ { b++ } /<!DOCTYPE html>/ { c++ } /<\/html>/ { d++ } match($0, /^<tr><td>.*class=.n.>[0-9]+<td/) { s = substr($0, RSTART, RLENGTH); sub(/<td$/, "", s); sub(/.*>/, "", s); sum += s } END { print a, b, c, d, sum }'
1 1 1 1 19472

# What it is called cannot break the page.
$ map --html=/dev/stdout pit-names-new.h5
+ grep -c '<script'
0

