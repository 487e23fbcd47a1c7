// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/glue/certificate.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <memory>

namespace rooms {

Result<std::string> certificate_fingerprint(const std::string& pem, const std::string& hash) {
  const EVP_MD* digest = hash == "sha-256"   ? EVP_sha256()
                         : hash == "sha-384" ? EVP_sha384()
                         : hash == "sha-512" ? EVP_sha512()
                                             : nullptr;
  if (!digest)
    return Error{"fingerprint",
                 "The SDP's fingerprint uses '" + hash + "'. Use sha-256, sha-384 or sha-512."};
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
  if (!certificate)
    return Error{"fingerprint", "The peer presented no DTLS certificate that can be read."};
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
  unsigned size = 0;
  if (X509_digest(certificate.get(), digest, bytes.data(), &size) != 1)
    return Error{"fingerprint", "The peer's certificate cannot be hashed."};
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    if (i > 0) text += ':';
    text += kHex[bytes[i] >> 4];
    text += kHex[bytes[i] & 15];
  }
  return text;
}

}  // namespace rooms
