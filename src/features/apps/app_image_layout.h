/* features/apps/app_image_layout.h — where things stand in an image. Included by app_image.c and
 * app_image_write.c only. Words are 32 bits in the byte order of the machine.
 *
 *   head      magic, then the words below
 *   names     sorted: text, app
 *   actions   sorted: text, app, number within the app
 *   apps      by key: offset of the record
 *   records   members in the order of their shape: texts as offset + 1 (0: absent), numbers, counts and then
 *             their elements; all as numbers of seven bits a byte
 *   text      every text once: length, bytes, NUL */
#pragma once

#define KS_IMAGE_MAGIC   "KSAPPS\r\n"
#define KS_IMAGE_VERSION 1u /* of this layout; the order of bytes shows in it, too */

enum ks_image_word {
    KS_IMAGE_LAYOUT,
    KS_IMAGE_SIZE,
    KS_IMAGE_APPS_N,
    KS_IMAGE_NAMES_N,
    KS_IMAGE_ACTIONS_N,
    KS_IMAGE_APPS,
    KS_IMAGE_NAMES,
    KS_IMAGE_ACTIONS,
    KS_IMAGE_TEXT_AT,
    KS_IMAGE_WORDS
};
#define KS_IMAGE_AT(word) (8 + 4 * (size_t)(word))
enum {
    KS_IMAGE_HEAD = 8 + 4 * KS_IMAGE_WORDS,
    KS_IMAGE_APP = 4, /* bytes of an entry */
    KS_IMAGE_NAME = 8,
    KS_IMAGE_ACTION = 12
};
