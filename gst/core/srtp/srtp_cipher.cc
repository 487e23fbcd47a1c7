// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/srtp/srtp_cipher.h"

#include <openssl/crypto.h>

#include <algorithm>

namespace rooms {

namespace {

/// Fetching walks OpenSSL's providers under a lock, so once a process, not once a connection.
const EVP_CIPHER* aes_128_ctr() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-128-CTR", nullptr);
  return cipher;
}

EVP_CIPHER_CTX* keyed(const std::array<std::uint8_t, 16>& key) {
  if (aes_128_ctr() == nullptr) return nullptr;
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  if (context != nullptr &&
      EVP_EncryptInit_ex(context, aes_128_ctr(), nullptr, key.data(), nullptr) != 1) {
    EVP_CIPHER_CTX_free(context);
    return nullptr;
  }
  return context;
}

/// RFC 3711 4.3.3 with a key derivation rate of 0: the key stream of the master key at (label XOR
/// salt).
void derive(EVP_CIPHER_CTX* master, const std::uint8_t* master_salt, unsigned label,
            MutableBytes out) {
  std::array<std::uint8_t, 16> iv{};
  std::copy_n(master_salt, 14, iv.begin());
  iv[7] = static_cast<std::uint8_t>(iv[7] ^ label);
  int written = 0;
  EVP_EncryptInit_ex(master, nullptr, nullptr, nullptr, iv.data());
  EVP_EncryptUpdate(master, out.data(), &written, out.data(), static_cast<int>(out.size()));
}

}  // namespace

SrtpSessionKeys::~SrtpSessionKeys() {
  OPENSSL_cleanse(encryption.data(), encryption.size());
  OPENSSL_cleanse(authentication.data(), authentication.size());
  OPENSSL_cleanse(salt.data(), salt.size());
}

SrtpSessionKeys derive_session_keys(const SrtpMasterKey& master, SrtpLabel label) {
  SrtpSessionKeys keys;
  std::array<std::uint8_t, 16> master_key;
  std::copy_n(master.begin(), master_key.size(), master_key.begin());
  const std::uint8_t* master_salt = master.data() + master_key.size();
  if (EVP_CIPHER_CTX* context = keyed(master_key)) {
    const auto first = static_cast<unsigned>(label);
    derive(context, master_salt, first, keys.encryption);
    derive(context, master_salt, first + 1, keys.authentication);
    derive(context, master_salt, first + 2, keys.salt);
    EVP_CIPHER_CTX_free(context);
  }
  OPENSSL_cleanse(master_key.data(), master_key.size());
  return keys;
}

SrtpCipher::SrtpCipher(const SrtpSessionKeys& keys)
    : context_(keyed(keys.encryption)), salt_(keys.salt), hmac_(keys.authentication) {}

bool SrtpCipher::begin(std::uint32_t ssrc, std::uint64_t index) {
  if (context_ == nullptr) return false;
  std::array<std::uint8_t, 16> iv{};
  std::copy(salt_.begin(), salt_.end(), iv.begin());
  store_u32(&iv[4], load_u32(&iv[4]) ^ ssrc);
  store_u32(&iv[8], load_u32(&iv[8]) ^ static_cast<std::uint32_t>(index >> 16));
  store_u16(&iv[12], load_u16(&iv[12]) ^ static_cast<std::uint32_t>(index & 0xFFFF));
  return EVP_EncryptInit_ex(context_.get(), nullptr, nullptr, nullptr, iv.data()) == 1;
}

bool SrtpCipher::crypt(const std::uint8_t* in, std::uint8_t* out, std::size_t size) {
  if (size == 0) return true;
  int written = 0;
  return EVP_EncryptUpdate(context_.get(), out, &written, in, static_cast<int>(size)) == 1;
}

}  // namespace rooms
