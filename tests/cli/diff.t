# hi5 diff and hi5 stat; what they share with h5diff and h5stat tests/side.sh compares.
# TOOL-01: a name that only one has is a difference, for the exit status, too.
$ diff vds-source-0.h5 vds-source-0.h5

# As JSON.
$ diff --json sb2.h5 sb3.h5 /group
{"files":["sb2.h5","sb3.h5"],"paths":["/group","/group"],
"events":[
{"event":"pair","item":"group","paths":["/group","/group"],"differences":0},
{"event":"pair","item":"attribute","paths":["/group","/group"],"attribute":"answer","differences":0},
{"event":"pair","item":"dataset","paths":["/group/hard","/group/hard"],"differences":0},
{"event":"pair","item":"soft link","paths":["/group/soft","/group/soft"],"differences":0},
{"event":"pair","item":"dataset","paths":["/group/strings","/group/strings"],"differences":0}],
"differences":0,"objects":4,"attributes":1,"only":[0,0],"attributes_only":[0,0],"incomparable":0,"failures":0,"chunks_same":4,"status":0}

$ diff --json -r demo.h5 h5py.h5
+ grep -c only
29

# TOOL-03: a filter that is not there.
$ diff -q ../bad/pline-unknown-filter.h5 sb0.h5 /x /contiguous
= 2

# Wrong usage is not a difference.
$ diff -d x demo.h5 demo.h5
= 2

$ diff demo.h5
= 2

$ diff demo.h5 no-such-file.h5
h5diff: <no-such-file.h5>: unable to open file
= 2

# TOOL-08: a group that cannot be read leaves a partial account.
$ stat -f ../bad/snod-signature.h5
Filename: ../bad/snod-signature.h5
File information
	# of unique groups: 1
	# of unique datasets: 0
	# of unique named datatypes: 0
	# of unique links: 0
	# of unique other: 0
	Max. # of links to object: 1
	Max. # of objects in group: 0
= 1

$ stat --json sb2.h5
{"file":"sb2.h5",
"counts":{"groups":2,"datasets":3,"datatypes":0,"links":1,"others":0,"max_links":2,"max_fanout":3,"max_attributes":1,"max_dims":3,"external_files":0,"ranks":[0,1,2],"layouts":[0,2,1],"filters":[2,1],"group_bins":[0,2],"attribute_bins":[4,1],"dims_bins":[0,1],"free_bins":[]},
"bytes":{"file":10808,"metadata":3796,"data":271,"external_data":0,"superblock":48,"extension":0,"userblock":0,"group_headers":328,"group_headers_unused":27,"dataset_headers":804,"dataset_headers_unused":494,"datatype_headers":0,"datatype_headers_unused":0,"link_index":0,"link_heap":0,"attribute_index":0,"attribute_heap":0,"chunk_index":2616,"external_heap":0,"shared_header":0,"shared_index":0,"shared_heap":0,"free_managers":0,"free":0},
"types":[{"datasets":1,"committed":0,"encoded":12,"size":2},{"datasets":1,"committed":0,"encoded":12,"size":4},{"datasets":1,"committed":0,"encoded":20,"size":16}],
"failures":0}

