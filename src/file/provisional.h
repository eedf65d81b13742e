/*
 * provisional.h - what the modules that change old and dense groups will provide
 */
#ifndef HI5_PROVISIONAL_H
#define HI5_PROVISIONAL_H
#include "base/err.h"
#include "file/edit.h"
struct prov_dense;
struct prov_symtab;
#define PROV_FAIL(err) err_plain(err, HI5_E_UNSUPPORTED, "not written yet")
static inline void prov_dense_links_close(struct prov_dense *d) { (void)d; }
static inline void prov_symtab_edit_close(struct prov_symtab *d) { (void)d; }
static inline hi5_status prov_dense_links_open(struct meta *m, struct msg_link_info *i, struct prov_dense **d, hi5_error *err) { (void)m; (void)i; *d = NULL; return PROV_FAIL(err); }
static inline hi5_status prov_dense_links_create(struct meta *m, struct msg_link_info *i, struct prov_dense **d, hi5_error *err) { (void)m; (void)i; *d = NULL; return PROV_FAIL(err); }
static inline hi5_status prov_dense_links_add(struct prov_dense *d, const struct msg_link *l, hi5_error *err) { (void)d; (void)l; return PROV_FAIL(err); }
static inline hi5_status prov_dense_links_has(struct prov_dense *d, const char *name, size_t n, bool *has, hi5_error *err) { (void)d; (void)name; (void)n; *has = false; return PROV_FAIL(err); }
static inline hi5_status prov_symtab_edit_open(const struct symtab *t, struct prov_symtab **d, hi5_error *err) { (void)t; *d = NULL; return PROV_FAIL(err); }
static inline hi5_status prov_symtab_edit_has(struct prov_symtab *d, const char *name, size_t n, bool *has, hi5_error *err) { (void)d; (void)name; (void)n; *has = false; return PROV_FAIL(err); }
static inline hi5_status prov_symtab_edit_add(struct prov_symtab *d, const struct msg_link *l, const struct msg_stab *stab, hi5_error *err) { (void)d; (void)l; (void)stab; return PROV_FAIL(err); }
static inline hi5_status prov_symtab_create(const struct symtab *t, struct msg_stab *w, hi5_error *err) { (void)t; (void)w; return PROV_FAIL(err); }
#endif
