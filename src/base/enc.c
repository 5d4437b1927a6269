/* base/enc.c — percent, base64 and hex. RFC 3986 section 2, RFC 4648 sections 4, 5 and 8. Decoders are
 * strict: what they accept has one spelling only (percent aside). Threads: any. */
#include "base/enc.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int ks_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char low = (char)(c | 32);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

static bool unreserved(char c)
{
    char low = (char)(c | 32);
    return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
           c == '~';
}

void ks_enc_percent(ks_buf *b, ks_str s)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (unreserved(s.p[i]))
            ks_buf_c(b, s.p[i]);
        else
            ks_buf_put(b, (char[]){'%', digits[c >> 4], digits[c & 15]}, 3);
    }
}

bool ks_dec_percent(ks_buf *b, ks_str s, bool plus)
{
    size_t from = b->n;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '%') {
            int hi = i + 2 < s.n ? ks_hex_digit(s.p[i + 1]) : -1;
            int lo = i + 2 < s.n ? ks_hex_digit(s.p[i + 2]) : -1;
            if (hi < 0 || lo < 0)
                return false;
            c = (char)(hi << 4 | lo);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        if (c == '\0')
            return false;
        ks_buf_c(b, c);
    }
    return ks_buf_ok(b) && ks_str_utf8(ks_str_sub(ks_buf_view(b), from, SIZE_MAX));
}

static void enc_base64(ks_buf *b, ks_str s, const char *digits, bool pad)
{
    for (size_t i = 0; i < s.n; i += 3) {
        size_t   have = s.n - i < 3 ? s.n - i : 3;
        unsigned v = 0;
        char     out[4] = {'=', '=', '=', '='};
        for (size_t j = 0; j < 3; j++)
            v = v << 8 | (j < have ? (unsigned char)s.p[i + j] : 0);
        for (size_t j = 0; j <= have; j++)
            out[j] = digits[v >> (18 - 6 * j) & 63];
        ks_buf_put(b, out, pad ? 4 : have + 1);
    }
}

void ks_enc_base64(ks_buf *b, ks_str s)
{
    enc_base64(b, s, alphabet, true);
}

void ks_enc_base64url(ks_buf *b, ks_str s)
{
    enc_base64(b, s, url_alphabet, false);
}

/* Four characters of which the last `pad` are '='. Bits that no byte takes must be 0. */
static bool dec_quad(ks_buf *b, const char *p, size_t pad)
{
    unsigned v = 0;
    for (size_t j = 0; j < 4; j++) {
        const char *at = p[j] && j < 4 - pad ? strchr(alphabet, p[j]) : NULL;
        if (at == NULL && j < 4 - pad)
            return false;
        v = v << 6 | (at ? (unsigned)(at - alphabet) : 0);
    }
    if (pad > 0 && (v & (pad == 1 ? 0xffU : 0xffffU)) != 0)
        return false;
    ks_buf_put(b, (char[]){(char)(v >> 16), (char)(v >> 8), (char)v}, 3 - pad);
    return true;
}

bool ks_dec_base64(ks_buf *b, ks_str s)
{
    if (s.n % 4 != 0)
        return false;
    for (size_t i = 0; i < s.n; i += 4) {
        size_t pad = 0;
        while (i + 4 == s.n && pad < 2 && s.p[s.n - 1 - pad] == '=')
            pad++;
        if (!dec_quad(b, s.p + i, pad))
            return false;
    }
    return ks_buf_ok(b);
}

bool ks_dec_base64url(ks_buf *b, ks_str s)
{
    for (size_t i = 0; i < s.n; i += 4) {
        char   quad[4] = {'=', '=', '=', '='};
        size_t have = s.n - i < 4 ? s.n - i : 4;
        for (size_t j = 0; j < have; j++) {
            const char *at = s.p[i + j] ? strchr(url_alphabet, s.p[i + j]) : NULL;
            if (at == NULL)
                return false;
            quad[j] = alphabet[at - url_alphabet];
        }
        if (have == 1 || !dec_quad(b, quad, 4 - have))
            return false;
    }
    return ks_buf_ok(b);
}

void ks_enc_hex(ks_buf *b, const void *p, size_t n)
{
    static const char    digits[] = "0123456789abcdef";
    const unsigned char *at = p;
    for (size_t i = 0; i < n; i++)
        ks_buf_put(b, (char[]){digits[at[i] >> 4], digits[at[i] & 15]}, 2);
}

bool ks_dec_hex(ks_str s, void *out, size_t n)
{
    unsigned char *to = out;
    if (s.n != n * 2)
        return false;
    for (size_t i = 0; i < n; i++) {
        int hi = ks_hex_digit(s.p[2 * i]), lo = ks_hex_digit(s.p[2 * i + 1]);
        if (hi < 0 || lo < 0)
            return false;
        to[i] = (unsigned char)(hi << 4 | lo);
    }
    return true;
}
