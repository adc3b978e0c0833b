// P-256 keys between our raw bytes and OpenSSL's objects. Included by the openssl_*.cpp files only.
#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "rss/crypto/openssl_ecdh.hpp"
#include "rss/crypto/openssl_failure.hpp"

namespace h7::crypto {

using Pkey = OpensslPtr<EVP_PKEY, EVP_PKEY_free>;
using Bignum = OpensslPtr<BIGNUM, BN_clear_free>;

/// The curve, made once per process and only read afterwards.
const EC_GROUP* p256();

/// A point that check_point has accepted.
Result<Pkey> import_point(ByteView point);

/// A private key, its public point included. Error: out of range.
Result<Pkey> import_secret(const PrivateKey& secret);

}  // namespace h7::crypto
