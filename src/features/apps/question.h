/* features/apps/question.h — what a question in plain words asks for: its telling words, and others for the
 * same thing. English only, as the catalogue is. Pure. Threads: any. */
#pragma once
#include "base/str.h"

enum { KS_QUESTION_TERMS = 64 };

typedef struct ks_question {
    ks_str terms[KS_QUESTION_TERMS]; /* words and phrases; views into the question and into constant texts */
    size_t n;
} ks_question;

/* Read `text`. Words without meaning are left out ("the", "my"), and so is what does not fit. */
void ks_question_read(ks_question *q, ks_str text);
