// A PKCS#11 module (a .so with C_GetFunctionList), loaded by name, and a logged-in session with one token.
// Errors are ours in one line with the CKR_ name.
#pragma once

#include <p11-kit/pkcs11.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "emulator/base/bytes.hpp"
#include "emulator/base/result.hpp"

namespace h7::hsm {

/// "CKR_PIN_INCORRECT", or the number.
std::string name_of(CK_RV answer);

/// One attribute of a template; refers to what it was made from.
class Attributes {
public:
    Attributes& flag(CK_ATTRIBUTE_TYPE type, bool value);
    Attributes& number(CK_ATTRIBUTE_TYPE type, CK_ULONG value);
    Attributes& bytes(CK_ATTRIBUTE_TYPE type, ByteView value);
    /// For a call; PKCS#11 has no const.
    std::vector<CK_ATTRIBUTE> raw();

private:
    struct Entry {
        CK_ATTRIBUTE_TYPE type;
        Bytes value;
    };
    std::vector<Entry> entries_;
};

/// A loaded and initialised module, shared by all sessions of this process.
class Pkcs11Library {
public:
    static Result<std::shared_ptr<Pkcs11Library>> load(const std::filesystem::path& module);
    ~Pkcs11Library();
    CK_FUNCTION_LIST_PTR call() const { return call_; }

private:
    Pkcs11Library() = default;
    CK_FUNCTION_LIST_PTR call_ = nullptr;
    bool initialised_ = false;  // by us, not by somebody else in this process
};

/// PKCS#11 logs a process in, not a session: while one session is open, another to the same token opens
/// whatever its PIN.
class Pkcs11Session {
public:
    /// Loads the module, finds the token by its label, opens a session and logs the user in. Errors (misuse):
    /// no such file, no module, no such token or two of them, a wrong PIN.
    static Result<std::unique_ptr<Pkcs11Session>> open(const std::filesystem::path& module,
                                                       const std::string& token_label, ByteView pin);
    ~Pkcs11Session();

    const std::string& token() const { return token_; }  // "token 'production' (SoftHSM project, serial ..)"

    // A session serves one thread at a time: each of these takes its mutex. Errors (misuse) name the call and
    // the CKR_ code.
    Result<CK_OBJECT_HANDLE> generate(CK_MECHANISM_TYPE how, Attributes attributes);
    /// The one object with these attributes. Errors: none, or several.
    Result<CK_OBJECT_HANDLE> find(Attributes attributes, const std::string& what);
    void destroy(CK_OBJECT_HANDLE object);
    /// HMAC-SHA-256.
    Result<void> hmac(CK_OBJECT_HANDLE key, ByteView message, MutableBytes mac);
    /// AES-GCM with a tag of 16 bytes behind the ciphertext.
    Result<void> gcm(bool encrypt, CK_OBJECT_HANDLE key, ByteView iv, ByteView aad, ByteView in,
                     MutableBytes out);
    /// A fresh P-256 key pair that lives for this call: its point X||Y, and ECDH with `peer`.
    Result<void> agree(ByteView peer, MutableBytes own_point, MutableBytes shared);

private:
    Pkcs11Session() = default;
    Result<void> enter(const std::string& label, ByteView pin);
    Result<void> must(CK_RV answer, const char* call) const;

    std::shared_ptr<Pkcs11Library> library_;
    CK_FUNCTION_LIST_PTR call_ = nullptr;
    CK_SESSION_HANDLE session_ = CK_INVALID_HANDLE;
    std::string token_;
    std::mutex mutex_;
};

}  // namespace h7::hsm
