# hi5 - the only build file
#
#   make            build/hi5, build/libhi5.a, build/libhi5.so
#   make demo       show the tool at work on a file that libhdf5 wrote
#   make check      all tests; the last line says how many passed
#   make help       the other targets
#
# Settings, on the command line or from the environment: CC CFLAGS CPPFLAGS LDFLAGS
# PREFIX DESTDIR; V=1 shows the commands; DEFLATE=zlib leaves libdeflate aside;
# WITHOUT="ZSTD BLOSC ..." leaves optional filters out; CI=true makes warnings errors.

MAKEFLAGS += -r
VERSION := $(shell sed -n 's/^.define HI5_VERSION "\(.*\)"/\1/p' include/hi5.h)
SOVERSION := 0
B ?= build
CFLAGS ?= -O2 -g
PREFIX ?= /usr/local
PKG_CONFIG ?= pkg-config
CLANG_FORMAT ?= clang-format
CORPUS ?= ../shared/corpus
Q := $(if $(V),,@)
say = @$(if $(V),:,echo "  $(1)")
CI ?= false

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
        -Wmissing-prototypes -Wvla -Wcast-qual -Wundef $(if $(filter true,$(CI)),-Werror)
BASE = -std=c11 $(WARN) -fvisibility=hidden -MMD -MP $(CPPFLAGS) $(CFLAGS)
LIBS = $(REQUIRED_LIBS) $(OPTIONAL_LIBS) -pthread -lm

# --- what is there ----------------------------------------------------------------
# pkg NAME,FALLBACK: what pkg-config says, or FALLBACK; has HEADER,FLAGS: "y" or nothing
pkg = $(or $(shell $(PKG_CONFIG) --cflags --libs $(1) 2>/dev/null),$(2))
has = $(shell printf '\043include <stddef.h>\n\043include <$(1)>\n' | \
        $(CC) $(CPPFLAGS) $(CFLAGS) $(2) -E -x c - >/dev/null 2>&1 && echo y)
flags = $(filter -I% -D%,$(1))
libs = $(filter-out -I% -D%,$(1))

ZLIB := $(call pkg,zlib,-lz)
LZF := $(call pkg,liblzf,-I/usr/include/liblzf -llzf)
REQUIRED_LIBS := $(call libs,$(ZLIB) $(LZF))
FEATURES := $(call flags,$(ZLIB) $(LZF))

# optional NAME,HEADER,FLAGS: -DHI5_HAVE_NAME and the library, where the header is found
define optional
ifneq ($$(filter $(1),$$(WITHOUT)),$(1))
ifeq ($$(call has,$(2),$$(call flags,$(3))),y)
FEATURES += -DHI5_HAVE_$(1) $$(call flags,$(3))
OPTIONAL_LIBS += $$(call libs,$(3))
HAVE += $(1)
endif
endif
endef
$(if $(filter zlib,$(DEFLATE)),$(eval WITHOUT += LIBDEFLATE))
$(eval $(call optional,LIBDEFLATE,libdeflate.h,$(call pkg,libdeflate,-ldeflate)))
$(eval $(call optional,AEC,libaec.h,-laec))
$(eval $(call optional,LZ4,lz4.h,$(call pkg,liblz4,-llz4)))
$(eval $(call optional,ZSTD,zstd.h,$(call pkg,libzstd,-lzstd)))
$(eval $(call optional,BZ2,bzlib.h,-lbz2))
$(eval $(call optional,ZFP,zfp.h,$(call pkg,zfp,-lzfp)))
$(eval $(call optional,CHARLS,charls/charls.h,$(call pkg,charls,-lcharls)))
$(eval $(call optional,BLOSC,blosc.h,$(call pkg,blosc,-lblosc)))
$(eval $(call optional,BLOSC2,blosc2.h,$(call pkg,blosc2,-lblosc2)))

# --- sources: a file takes part by existing ---------------------------------------
LAYERS := base btree filters space format file
SRC := $(foreach l,$(LAYERS),$(sort $(wildcard src/$(l)/*.c)))
HDR := $(foreach l,$(LAYERS),$(sort $(wildcard src/$(l)/*.h)))
CLI := $(sort $(wildcard cli/*.c))
UNIT := $(sort $(wildcard tests/unit/test_*.c))
SWEEP := $(sort $(wildcard tests/sweep/*.c))
API := $(sort $(wildcard tests/api/test_*.c))
SUPPORT := $(sort $(wildcard tests/support/*.c))
TRUTH := $(sort $(wildcard tests/truth/*.c))
WRITEPIT := $(sort $(wildcard tests/writepit/*.c))
EXAMPLES := $(sort $(wildcard examples/*.c))
MATIO := $(if $(call has,matio.h,),-lmatio)
INTEROP := $(filter-out $(if $(MATIO),,%/readmat.c),$(sort $(wildcard tests/interop/*.c)))

objects = $(patsubst %.c,$(B)/obj/%.o,$(1))
suites = $(patsubst tests/$(1)/test_%.c,SUITE(%),$(2))

.PHONY: all lib cli demo check test check-asan check-clang lint format corpus examples interop
.PHONY: roundtrip crash editmodel side
.PHONY: install dist clean deps help bench mutate fuzz fuzz-afl fuzzers replays FORCE
.DELETE_ON_ERROR:
.SECONDARY:

all: lib cli
lib: $(B)/libhi5.a $(B)/libhi5.so $(B)/hi5.pc
cli: $(B)/hi5
help:
	@sed -n '1,/^$$/s/^# \{0,1\}//p' Makefile
	@echo 'Targets: all lib cli demo check check-asan check-clang lint format corpus'
	@echo '  examples bench install dist clean deps    Filters found: $(HAVE)'
	@echo '  side    readmodel roundtrip crash editmodel SEED= COUNT='
	@echo '  mutate SEED= COUNT=    fuzz, fuzz-afl FUZZ_TIME=seconds FUZZ="$(FUZZ)"'

# --- the library, from its amalgamation -------------------------------------------
$(B)/dist/hi5.c: tools/amalgamate.sh $(SRC) $(HDR)
	$(call say,GEN $@)
	@mkdir -p $(@D)
	$(Q)sh tools/amalgamate.sh $(LAYERS) > $@

$(B)/dist/hi5.h: include/hi5.h
	@mkdir -p $(@D)
	@cp $< $@

$(B)/dist/hi5.o: $(B)/dist/hi5.c $(B)/dist/hi5.h $(B)/gen/flags.txt
	$(call say,CC  $@)
	$(Q)$(CC) $(BASE) -Wno-unused-function -fPIC $(FEATURES) -I$(B)/dist -c $< -o $@

$(B)/libhi5.a: $(B)/dist/hi5.o
$(B)/support.a: $(call objects,$(SUPPORT))
$(B)/libhi5.a $(B)/support.a:
	$(call say,AR  $@)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

SHARED := $(if $(filter Darwin,$(shell uname -s)),-dynamiclib,-shared -Wl,-soname,libhi5.so.$(SOVERSION))
$(B)/libhi5.so: $(B)/dist/hi5.o
	$(call say,LD  $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(SHARED) -o $@ $^ $(LIBS)

$(B)/hi5.pc: Makefile include/hi5.h
	@mkdir -p $(@D)
	@printf '%s\n' 'prefix=$(PREFIX)' 'Name: hi5' 'Description: HDF5 files without libhdf5' \
	    'Version: $(VERSION)' 'Libs: -L$${prefix}/lib -lhi5' 'Libs.private: $(LIBS)' \
	    'Cflags: -I$${prefix}/include' > $@

# --- separate objects: the tool, the tests ----------------------------------------
$(B)/obj/src/%.o: src/%.c $(B)/gen/flags.txt
	$(call say,CC  $<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE) $(FEATURES) -Iinclude -Isrc -c $< -o $@

$(B)/obj/cli/%.o $(B)/obj/examples/%.o: EXTRA = -Iinclude
$(B)/obj/tests/%.o: EXTRA = -Iinclude -Itests/support $(call flags,$(CHECK))
$(B)/obj/tests/unit/%.o $(B)/obj/tests/sweep/%.o: EXTRA += -Isrc -Itests/sweep -I$(B)/gen \
    -Wno-missing-field-initializers $(FEATURES)
$(B)/obj/tests/mutate/%.o $(B)/obj/fuzz/%.o: EXTRA = -Iinclude -Isrc -Itests/mutate \
    -Itests/sweep -Itests/support -I$(B)/gen $(FEATURES)
$(B)/obj/%.o: %.c $(B)/gen/flags.txt
	$(call say,CC  $<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE) $(EXTRA) -c $< -o $@

define link
	$(call say,LD  $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(1) $(LIBS)
endef

$(B)/hi5: $(call objects,$(CLI)) $(B)/libhi5.a
	$(call link)
$(B)/truth: $(call objects,$(TRUTH) tests/support/sha256.c tests/support/text.c) $(B)/libhi5.a
	$(call link)

examples: $(patsubst examples/%.c,$(B)/examples/%,$(EXAMPLES))
$(B)/examples/%: $(B)/obj/examples/%.o $(B)/libhi5.a
	@mkdir -p $(@D)
	$(call link)

interop: $(patsubst tests/interop/%.c,$(B)/interop/%,$(INTEROP))
$(B)/interop/%: $(B)/obj/tests/interop/%.o $(B)/libhi5.a
	@mkdir -p $(@D)
	$(call link,$(if $(filter readmat,$*),$(MATIO)))

# --- tests ------------------------------------------------------------------------
CHECK = $(call pkg,check,-lcheck)

# run.c is built twice, each time with its own list of suites, found by file name.
# Lists are written anew only when they change.
GEN := $(addprefix $(B)/gen/,suites_unit.h suites_api.h suites_writepit.h sweep_rows.h flags.txt hdf5.txt)
$(GEN): FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(foreach s,$(LIST),'$(s)') > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(B)/gen/flags.txt: LIST = $(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) $(FEATURES)
$(B)/gen/suites_unit.h: LIST = $(call suites,unit,$(UNIT)) $(if $(SWEEP),SUITE(sweep))
$(B)/gen/suites_api.h: LIST = $(call suites,api,$(API))
$(B)/gen/suites_writepit.h: LIST = $(call suites,writepit,$(wildcard tests/writepit/test_*.c))
$(B)/gen/sweep_rows.h: LIST = $(patsubst tests/sweep/rows_%.c,ROWS(%),$(filter tests/sweep/rows_%,$(SWEEP)))
$(B)/obj/tests/sweep/sweep.o: $(B)/gen/sweep_rows.h

$(addprefix $(B)/obj/tests/run_,unit.o api.o writepit.o): $(B)/obj/tests/run_%.o: tests/run.c $(B)/gen/suites_%.h
	$(call say,CC  $< ($*))
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE) $(call flags,$(CHECK)) -I$(B)/gen -DSUITES='"suites_$*.h"' -c $< -o $@

$(B)/test-unit: $(call objects,$(SRC) $(UNIT) $(SWEEP)) $(B)/obj/tests/run_unit.o $(B)/support.a
	$(call link,$(call libs,$(CHECK)))
$(B)/test-api: $(call objects,$(API)) $(B)/obj/tests/run_api.o $(B)/support.a $(B)/libhi5.a
	$(call link,$(call libs,$(CHECK)))

# A second make, since what deps installs changes what the probes above find.
check:
	@CC="$(CC)" sh tools/deps.sh test
	$(Q)$(MAKE) --no-print-directory test
test: $(B)/test-unit $(B)/test-api $(B)/truth $(B)/hi5 $(B)/readmodel $(B)/roundtrip $(B)/crash \
    $(B)/test-writepit $(B)/editmodel examples interop $(B)/mutate replays
	$(Q)HI5_FILTERS="$(HAVE)" CORPUS="$(CORPUS)" sh tools/check.sh $(B)

SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
check-asan:
	$(Q)CK_FORK=no LSAN_OPTIONS=suppressions=$(CURDIR)/tests/lsan.txt:print_suppressions=0 \
	    $(MAKE) --no-print-directory B=$(B)/asan CI=false \
	    CFLAGS='-O1 -g -fno-omit-frame-pointer $(SANITIZE)' check
check-clang:
	$(Q)$(MAKE) --no-print-directory B=$(B)/clang CC=clang check

demo:
	@CC="$(CC)" sh tools/deps.sh build
	$(Q)$(MAKE) --no-print-directory $(B)/hi5
	@sh tools/demo.sh $(B)/hi5

lint: $(call objects,$(SRC)) $(B)/libhi5.a
	$(Q)sh tools/lint.sh $(B)

corpus: $(B)/truth $(B)/hi5
	$(Q)sh tools/corpus.sh $(B) $(CORPUS)

# hi5 diff and hi5 stat side by side with h5diff and h5stat, over the corpus
side: $(B)/hi5
	$(Q)sh tests/side.sh $(B) $(CORPUS)

format:
	$(CLANG_FORMAT) -i include/*.h $(SRC) $(HDR) $(CLI) $(EXAMPLES) \
	    $(wildcard cli/*.h tests/*.c tests/*/*.[ch])

# --- side by side with libhdf5 -----------------------------------------------------
# HDF5_PREFIX= picks a libhdf5, here and below; BENCH_SCALE=0.1 a tenth of the data; BENCH_ONLY=gzip some.
BENCH := $(sort $(wildcard bench/*.c))
HDF5_SERIAL = -I/usr/include/hdf5/serial -lhdf5 \
    -L/usr/lib/$(shell $(CC) -dumpmachine)/hdf5/serial
HDF5 = $(if $(HDF5_PREFIX),-I$(HDF5_PREFIX)/include -L$(HDF5_PREFIX)/lib \
    -Wl$(COMMA)-rpath$(COMMA)$(HDF5_PREFIX)/lib -lhdf5,$(call pkg,hdf5,$(HDF5_SERIAL)))
COMMA := ,
$(B)/gen/hdf5.txt: LIST = $(HDF5)
$(B)/obj/bench/%.o: EXTRA = -Iinclude $(FEATURES) -DH5_USE_110_API \
    $(patsubst -I%,-isystem %,$(call flags,$(HDF5)))
$(call objects,$(BENCH)): $(B)/gen/hdf5.txt

$(B)/bench/bench: $(call objects,$(BENCH)) $(B)/libhi5.a
	@mkdir -p $(@D)
	$(call link,$(call libs,$(HDF5)) -lm)

bench:
	$(if $(HDF5_PREFIX),,@CC="$(CC)" sh tools/deps.sh bench)
	$(Q)$(MAKE) --no-print-directory $(B)/bench/bench
	$(Q)$(B)/bench/bench $(B)/bench

# The same random reads by both: make readmodel SEED=7 COUNT=100000
SEED ?= 1
COUNT ?= 10000
STEPS ?= 60
$(B)/obj/tests/readmodel/%.o: EXTRA = -Iinclude -DH5_USE_110_API \
    $(patsubst -I%,-isystem %,$(call flags,$(HDF5)))
$(call objects,tests/readmodel/readmodel.c): $(B)/gen/hdf5.txt
$(B)/readmodel: $(call objects,tests/readmodel/readmodel.c) $(B)/libhi5.a
	$(call link,$(call libs,$(HDF5)) -lm)
# Pitfalls of writers: written by hi5, read by libhdf5.
$(B)/obj/tests/writepit/%.o: EXTRA = -Iinclude -Itests/support -DH5_USE_110_API \
    $(call flags,$(CHECK)) $(patsubst -I%,-isystem %,$(call flags,$(HDF5)))
$(call objects,$(WRITEPIT)): $(B)/gen/hdf5.txt
$(B)/test-writepit: $(call objects,$(WRITEPIT)) $(B)/obj/tests/run_writepit.o $(B)/support.a $(B)/libhi5.a
	$(call link,$(call libs,$(CHECK)) $(call libs,$(HDF5)))
readmodel: $(B)/readmodel
	$(Q)$(B)/readmodel $(SEED) $(COUNT) $(B)/readmodel.h5

# Random files by hi5, read by both, and writers that are killed, lose their disk's power, or
# run out of memory: make roundtrip SEED=7 COUNT=100000, make crash SEED=7 COUNT=1000;
# with HDF5_PREFIX= of a newer libhdf5 the newer targets are read by it, too
ROUNDTRIP := $(sort $(wildcard tests/roundtrip/*.c))
CRASH := $(sort $(wildcard tests/crash/*.c))
EDITMODEL := $(sort $(wildcard tests/editmodel/*.c))
$(B)/obj/tests/roundtrip/%.o $(B)/obj/tests/crash/%.o \
    $(B)/obj/tests/editmodel/%.o: EXTRA = -Iinclude -DH5_USE_110_API \
    $(call flags,$(LZF)) $(patsubst -I%,-isystem %,$(call flags,$(HDF5)))
$(call objects,$(ROUNDTRIP) $(CRASH) $(EDITMODEL)): $(B)/gen/hdf5.txt
$(B)/roundtrip: $(call objects,$(ROUNDTRIP)) $(B)/libhi5.a
	$(call link,$(call libs,$(HDF5)) -lm)
$(B)/crash: $(call objects,$(CRASH)) $(B)/libhi5.a
	$(call link,$(call libs,$(HDF5)) -lm)
$(B)/editmodel: $(call objects,$(EDITMODEL) $(filter-out %/roundtrip.c,$(ROUNDTRIP)) \
    tests/crash/disk.c) $(B)/libhi5.a
	$(call link,$(call libs,$(HDF5)) -lm)
roundtrip: $(B)/roundtrip
	$(Q)$(B)/roundtrip $(SEED) $(COUNT)
editmodel: $(B)/editmodel
	$(Q)$(B)/editmodel $(SEED) $(COUNT) $(STEPS) $(wildcard fixtures/good/*.h5) $(EDITFILES)
crash: $(B)/crash
	$(Q)$(B)/crash $(SEED) $(COUNT) $(B)/crash.h5

# --- hostile input ------------------------------------------------------------------
# Change one field at a time, and judge: make mutate SEED=7 COUNT=1000000 FILES=...
FILES ?= $(filter-out fixtures/good/family%,$(wildcard fixtures/good/*.h5)) \
    fixtures/good/family-%02d.h5 fixtures/good/family3-%02d.h5 fixtures/good/split \
    fixtures/good/split3 fixtures/good/multi
MUTATE := $(sort $(wildcard tests/mutate/*.c))
$(B)/mutate: $(call objects,$(SRC) $(MUTATE))
	$(call link)
mutate: $(B)/mutate
	$(Q)$(B)/mutate -s $(SEED) -c $(COUNT) $(FILES)

# Each target is also linked with a driver that needs no fuzzer, for make check.
FUZZ ?= open check codec filter select edit
FUZZ_TIME ?= 60
FUZZ_WITH := $(filter-out tests/mutate/mutate.c,$(MUTATE)) \
    $(filter tests/sweep/rows_%,$(SWEEP))
$(call objects,fuzz/fuzz_codec.c fuzz/seeds.c): $(B)/gen/sweep_rows.h
$(B)/fuzz/replay-%: $(B)/obj/fuzz/fuzz_%.o $(B)/obj/fuzz/replay.o $(call objects,$(SRC) $(FUZZ_WITH))
	@mkdir -p $(@D)
	$(call link)
$(B)/fuzz/fuzz-%: $(B)/obj/fuzz/fuzz_%.o $(call objects,$(SRC) $(FUZZ_WITH))
	@mkdir -p $(@D)
	$(call link,-fsanitize=fuzzer)
$(B)/fuzz/seeds: $(call objects,fuzz/seeds.c $(SRC) $(FUZZ_WITH))
	@mkdir -p $(@D)
	$(call link)
replays: $(FUZZ:%=$(B)/fuzz/replay-%) $(B)/fuzz/seeds
fuzzers: $(FUZZ:%=$(B)/fuzz/fuzz-%) $(B)/fuzz/seeds
fuzz:
	$(Q)$(MAKE) --no-print-directory B=$(B)/libfuzzer CC=clang CI=false FUZZ="$(FUZZ)" \
	    CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' \
	    fuzzers
	$(Q)sh fuzz/run.sh $(B)/libfuzzer/fuzz $(FUZZ_TIME) $(FUZZ)

# The same by AFL++: make fuzz-afl FUZZ_TIME=600 FUZZ="open check"
fuzz-afl:
	$(Q)AFL_QUIET=1 AFL_USE_ASAN=1 AFL_USE_UBSAN=1 $(MAKE) --no-print-directory B=$(B)/afl \
	    CC=afl-clang-fast CI=false FUZZ="$(FUZZ)" \
	    CFLAGS='-O2 -g -fno-omit-frame-pointer' replays
	$(Q)sh fuzz/afl.sh $(B)/afl/fuzz $(FUZZ_TIME) $(FUZZ)

# --- the rest ---------------------------------------------------------------------
deps:
	@CC="$(CC)" sh tools/deps.sh all
D = $(DESTDIR)$(PREFIX)
install: all
	install -d $(D)/bin $(D)/lib/pkgconfig $(D)/include $(D)/share/man/man1
	install $(B)/hi5 $(D)/bin/hi5
	install -m 644 $(B)/libhi5.a $(D)/lib/libhi5.a
	install $(B)/libhi5.so $(D)/lib/libhi5.so.$(VERSION)
	for l in libhi5.so.$(SOVERSION) libhi5.so; do ln -sf libhi5.so.$(VERSION) $(D)/lib/$$l; done
	install -m 644 include/hi5.h $(D)/include/hi5.h
	install -m 644 $(B)/hi5.pc $(D)/lib/pkgconfig/hi5.pc
	install -m 644 docs/*.1 $(D)/share/man/man1/

dist: $(B)/dist/hi5.c $(B)/dist/hi5.h
	git archive --prefix=hi5-$(VERSION)/ -o $(B)/hi5-$(VERSION).tar.gz HEAD
	tar -czf $(B)/hi5-$(VERSION)-amalgamation.tar.gz -C $(B)/dist hi5.c hi5.h

clean:
	rm -rf build

-include $(shell find $(B)/obj $(B)/dist -name '*.d' 2>/dev/null)
