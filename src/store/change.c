/* store/change.c — a change being put together: statements with guards, audit records, ids to look at again.
 * Runs nothing. Threads: one at a time; handed to the writer as a whole. */
#include "base/alloc.h"
#include "store/store_internal.h"

ks_status ks_change_new(ks_ctx *cx, ks_change **out)
{
    ks_arena *a = ks_arena_new_from(KS_CHANGE_FIRST, KS_CHANGE_MAX);
    if (a == NULL)
        return ks_no_memory(cx);
    ks_change *c = ks_arena_zalloc(a, sizeof *c);
    if (c == NULL) {
        ks_arena_free(a);
        return ks_no_memory(cx);
    }
    c->arena = a;
    *out = c;
    return KS_OK;
}

void ks_change_free(ks_change *c)
{
    if (c != NULL)
        ks_arena_free(c->arena);
}

/* A copy in the change's memory; absent stays absent. False when memory is short. */
static bool copy_text(ks_change *c, ks_str *s)
{
    if (s->p == NULL)
        return true;
    char *p = ks_arena_alloc(c->arena, s->n + 1);
    if (p == NULL)
        return false;
    memcpy(p, s->p, s->n);
    p[s->n] = '\0';
    s->p = p;
    return true;
}

ks_status ks_change_add(ks_ctx *cx, ks_change *c, const ks_sql *q, const ks_val *v, size_t n, ks_guard g)
{
    ks_change_step *step = ks_arena_zalloc(c->arena, sizeof *step);
    ks_val         *copy = ks_arena_alloc(c->arena, (n ? n : 1) * sizeof *copy);
    if (step == NULL || copy == NULL)
        return ks_no_memory(cx);
    for (size_t i = 0; i < n; i++) {
        copy[i] = v[i];
        if (v[i].kind >= KS_VAL_TEXT && !copy_text(c, &copy[i].s))
            return ks_no_memory(cx);
    }
    *step = (ks_change_step){.q = q, .v = copy, .n = n, .guard = g};
    if (c->last_step != NULL)
        c->last_step->next = step;
    else
        c->steps = step;
    c->last_step = step;
    return KS_OK;
}

ks_status ks_change_count(ks_ctx *cx, ks_change *c, const ks_sql *q, ks_str owner, ks_str id, int64_t at_us)
{
    ks_change_count_of count = {.q = q, .owner = owner, .id = id, .at_us = at_us};
    if (!copy_text(c, &count.owner) || !copy_text(c, &count.id))
        return ks_no_memory(cx);
    c->count = count;
    return KS_OK;
}

ks_status ks_change_audit(ks_ctx *cx, ks_change *c, const ks_audit_record *r)
{
    ks_change_record *rec = ks_arena_zalloc(c->arena, sizeof *rec);
    if (rec == NULL)
        return ks_no_memory(cx);
    rec->r = *r;
    ks_str *texts[] = {&rec->r.project_id, &rec->r.actor,  &rec->r.action,
                       &rec->r.object,     &rec->r.result, &rec->r.request_id};
    for (size_t i = 0; i < KS_COUNT(texts); i++) {
        if (texts[i]->p == NULL)
            *texts[i] = KS_S("");
        if (!copy_text(c, texts[i]))
            return ks_no_memory(cx);
    }
    if (c->last_record != NULL)
        c->last_record->next = rec;
    else
        c->records = rec;
    c->last_record = rec;
    return KS_OK;
}

ks_status ks_change_note(ks_ctx *cx, ks_change *c, const char *action, ks_str object, ks_str result)
{
    return ks_change_audit(cx, c,
                           &(ks_audit_record){.project_id = cx->project_id,
                                              .actor = cx->actor,
                                              .action = ks_str_of(action),
                                              .object = object,
                                              .result = result,
                                              .request_id = cx->request_id});
}

ks_status ks_change_touch(ks_ctx *cx, ks_change *c, ks_str id)
{
    ks_change_touched *t = ks_arena_alloc(c->arena, sizeof *t);
    if (t == NULL)
        return ks_no_memory(cx);
    *t = (ks_change_touched){.next = c->touched, .epoch = ks_epoch_index(id)};
    c->touched = t;
    return KS_OK;
}

void ks_queue_put(ks_change_queue *q, ks_change *c)
{
    c->next = NULL;
    if (q->last != NULL)
        q->last->next = c;
    else
        q->first = c;
    q->last = c;
    q->n++;
}

ks_change *ks_queue_take(ks_change_queue *q)
{
    ks_change *c = q->first;
    if (c == NULL)
        return NULL;
    q->first = c->next;
    if (q->first == NULL)
        q->last = NULL;
    q->n--;
    c->next = NULL;
    return c;
}
