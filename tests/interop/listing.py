# listing.py FILE - what libhdf5 reads in a file, in the lines of listing.c
import sys
import h5py
import numpy as np

CLASSES = {h5py.h5t.FLOAT: 1, h5py.h5t.STRING: 3, h5py.h5t.BITFIELD: 4,
           h5py.h5t.OPAQUE: 5, h5py.h5t.COMPOUND: 6, h5py.h5t.REFERENCE: 7,
           h5py.h5t.ENUM: 8, h5py.h5t.VLEN: 9, h5py.h5t.ARRAY: 10}


def sums(head, thing):
    """The shape and the sums of a dataset or attribute (h5py's low level)."""
    kind = thing.get_type()
    null = thing.shape is None
    words = [head] + [str(n) for n in thing.shape or ()]
    if kind.get_class() != h5py.h5t.INTEGER:
        number = CLASSES[kind.get_class()]
        if kind.get_class() == h5py.h5t.STRING and kind.is_variable_str():
            number = 9
        words.append("class %d" % number)
    else:
        v = np.zeros(0 if null else thing.shape, "i8")
        if v.size:
            if isinstance(thing, h5py.h5d.DatasetID):
                thing.read(h5py.h5s.ALL, h5py.h5s.ALL, v)
            else:
                thing.read(v)
        v = v.reshape(-1).astype("u8")
        weights = np.arange(1, v.size + 1, dtype="u8")
        words += [str(int(x.astype("i8"))) for x in
                  (v.sum(dtype="u8"), (v * weights).sum(dtype="u8"))]
    print(" ".join(words))


def attributes(o):
    if isinstance(o, h5py.File):
        o = o["/"]
    for i in range(h5py.h5a.get_num_attrs(o.id)):
        a = h5py.h5a.open(o.id, index=i, index_type=h5py.h5.INDEX_NAME,
                          order=h5py.h5.ITER_INC)
        sums("  @" + a.name.decode(), a)


def group(g, path):
    names = []
    g.id.links.iterate(names.append, idx_type=h5py.h5.INDEX_NAME)
    for name in names:
        name = name.decode()
        here = path + "/" + name
        link = g.get(name, getlink=True)
        if isinstance(link, h5py.SoftLink):
            print(here, "->", link.path)
            continue
        if isinstance(link, h5py.ExternalLink):
            print(here, "->", link.filename, link.path)
            continue
        o = g[name]
        if isinstance(o, h5py.Dataset):
            sums(here + " dataset", o.id)
        else:
            print(here, "other")
        attributes(o)
        if isinstance(o, h5py.Group):
            group(o, here)


with h5py.File(sys.argv[1], "r") as f:
    attributes(f)
    group(f, "")
