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

/// RFC 3711 4.3.3 with a key derivation rate of 0: the key stream of the master key at (label XOR
/// salt).
void derive(EVP_CIPHER_CTX* master, const std::uint8_t* master_salt, unsigned label,
            MutableBytes out) {
  std::fill(out.begin(), out.end(), std::uint8_t{0});
  if (master == nullptr) return;
  std::array<std::uint8_t, 16> iv{};
  std::copy_n(master_salt, 14, iv.begin());
  iv[7] = static_cast<std::uint8_t>(iv[7] ^ label);
  int written = 0;
  EVP_EncryptInit_ex(master, nullptr, nullptr, nullptr, iv.data());
  EVP_EncryptUpdate(master, out.data(), &written, out.data(), static_cast<int>(out.size()));
}

constexpr unsigned number_of(SrtpLabel label) { return static_cast<unsigned>(label); }

}  // namespace

SrtpCipher::Context SrtpCipher::keyed(const std::uint8_t* key) {
  if (aes_128_ctr() == nullptr) return nullptr;
  Context context(EVP_CIPHER_CTX_new());
  if (context == nullptr) return nullptr;
  if (EVP_EncryptInit_ex(context.get(), aes_128_ctr(), nullptr, key, nullptr) != 1) return nullptr;
  return context;
}

HmacSha1 SrtpCipher::derive_hmac(const SrtpMasterKey& master, SrtpLabel label) {
  std::array<std::uint8_t, 20> key;
  derive(keyed(master.data()).get(), master.data() + 16, number_of(label) + 1, key);
  HmacSha1 hmac(key);
  OPENSSL_cleanse(key.data(), key.size());
  return hmac;
}

SrtpCipher::SrtpCipher(const SrtpMasterKey& master, SrtpLabel label)
    : hmac_(derive_hmac(master, label)) {
  const Context master_context = keyed(master.data());
  std::array<std::uint8_t, 16> key;
  derive(master_context.get(), master.data() + 16, number_of(label), key);
  derive(master_context.get(), master.data() + 16, number_of(label) + 2, salt_);
  context_ = master_context ? keyed(key.data()) : nullptr;
  OPENSSL_cleanse(key.data(), key.size());
}

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
