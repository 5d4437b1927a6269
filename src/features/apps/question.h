/* features/apps/question.h — what a question in plain words asks for: its telling words, and others for the
 * same thing. English only, as the catalogue is. Pure. Threads: any. */
#pragma once
#include "base/str.h"

enum { KS_QUESTION_TERMS = 64 };

typedef struct ks_question {
    ks_str
        terms[KS_QUESTION_TERMS]; /* words and phrases; views into the question, `pairs` and constant texts */
    size_t n;
    char   pairs[1024]; /* neighbouring words as phrases */
} ks_question;

/* Read `text`. Words without meaning are left out ("the", "my"), and so is what does not fit. What holds two
 * neighbouring words of the question side by side counts for more: "send an email", SEND_EMAIL. */
void ks_question_read(ks_question *q, ks_str text);
