#include "rss/host/hsm/pkcs11_module.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>

namespace h7::hsm {
namespace {

// P-256 as DER: OBJECT IDENTIFIER 1.2.840.10045.3.1.7.
constexpr std::array<std::uint8_t, 10> kP256{0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};

std::string trimmed(const unsigned char* text, std::size_t size) {
    std::string words(reinterpret_cast<const char*>(text), size);
    words.erase(words.find_last_not_of(' ') + 1);
    for (char& c : words)
        if (c < 0x20 || c > 0x7E) c = '?';
    return words;
}

/// PKCS#11 reads through pointers that are not const.
unsigned char* readable(ByteView bytes) {
    static unsigned char none = 0;
    return bytes.empty() ? &none : const_cast<unsigned char*>(bytes.data());
}
CK_ULONG length(ByteView bytes) { return static_cast<CK_ULONG>(bytes.size()); }

}  // namespace

std::string name_of(CK_RV answer) {
    switch (answer) {
        case CKR_PIN_INCORRECT:
            return "CKR_PIN_INCORRECT";
        case CKR_PIN_LOCKED:
            return "CKR_PIN_LOCKED";
        case CKR_PIN_LEN_RANGE:
            return "CKR_PIN_LEN_RANGE";
        case CKR_USER_PIN_NOT_INITIALIZED:
            return "CKR_USER_PIN_NOT_INITIALIZED";
        case CKR_TOKEN_NOT_PRESENT:
            return "CKR_TOKEN_NOT_PRESENT";
        case CKR_TOKEN_WRITE_PROTECTED:
            return "CKR_TOKEN_WRITE_PROTECTED";
        case CKR_DEVICE_ERROR:
            return "CKR_DEVICE_ERROR";
        case CKR_DEVICE_MEMORY:
            return "CKR_DEVICE_MEMORY";
        case CKR_DEVICE_REMOVED:
            return "CKR_DEVICE_REMOVED";
        case CKR_MECHANISM_INVALID:
            return "CKR_MECHANISM_INVALID";
        case CKR_ENCRYPTED_DATA_INVALID:
            return "CKR_ENCRYPTED_DATA_INVALID";
        case CKR_ATTRIBUTE_SENSITIVE:
            return "CKR_ATTRIBUTE_SENSITIVE";
        case CKR_GENERAL_ERROR:
            return "CKR_GENERAL_ERROR";
        default:
            return fmt::format("CKR 0x{:X}", answer);
    }
}

Attributes& Attributes::flag(CK_ATTRIBUTE_TYPE type, bool value) {
    entries_.push_back({type, Bytes{static_cast<std::uint8_t>(value ? CK_TRUE : CK_FALSE)}});
    return *this;
}
Attributes& Attributes::number(CK_ATTRIBUTE_TYPE type, CK_ULONG value) {
    Bytes bytes(sizeof value);
    std::memcpy(bytes.data(), &value, sizeof value);
    entries_.push_back({type, std::move(bytes)});
    return *this;
}
Attributes& Attributes::bytes(CK_ATTRIBUTE_TYPE type, ByteView value) {
    entries_.push_back({type, Bytes(value.begin(), value.end())});
    return *this;
}
std::vector<CK_ATTRIBUTE> Attributes::raw() {
    std::vector<CK_ATTRIBUTE> list;
    for (Entry& entry : entries_) list.push_back({entry.type, entry.value.data(), length(entry.value)});
    return list;
}

Result<void> Pkcs11Session::must(CK_RV answer, const char* call) const {
    if (answer == CKR_OK) return {};
    return misuse(fmt::format("{}: {}: {}", token_, call, name_of(answer)));
}

Result<std::shared_ptr<Pkcs11Library>> Pkcs11Library::load(const std::filesystem::path& module) {
    // PKCS#11 has one C_Initialize a process whoever asks; so the table of who uses it is the process', too.
    static std::mutex mutex;
    static std::map<std::filesystem::path, std::weak_ptr<Pkcs11Library>> in_use;
    const std::lock_guard guard(mutex);
    if (auto loaded = in_use[module].lock()) return loaded;
    std::shared_ptr<Pkcs11Library> library(new Pkcs11Library);
    // Never unloaded: modules keep threads and exit handlers that outlive dlclose().
    void* handle = ::dlopen(module.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) return misuse(fmt::format("cannot load this PKCS#11 module: {}", ::dlerror()));
    void* symbol = ::dlsym(handle, "C_GetFunctionList");
    if (symbol == nullptr) return misuse(fmt::format("{}: no PKCS#11 module", module.string()));
    CK_RV answer = reinterpret_cast<CK_C_GetFunctionList>(symbol)(&library->call_);
    if (answer != CKR_OK)
        return misuse(fmt::format("{}: C_GetFunctionList: {}", module.string(), name_of(answer)));
    CK_C_INITIALIZE_ARGS threads{};
    threads.flags = CKF_OS_LOCKING_OK;
    answer = library->call_->C_Initialize(&threads);
    if (answer != CKR_OK && answer != CKR_CRYPTOKI_ALREADY_INITIALIZED)
        return misuse(fmt::format("{}: C_Initialize: {}", module.string(), name_of(answer)));
    library->initialised_ = answer == CKR_OK;
    in_use[module] = library;
    return library;
}

Pkcs11Library::~Pkcs11Library() {
    if (initialised_) call_->C_Finalize(nullptr);
}

Result<std::unique_ptr<Pkcs11Session>> Pkcs11Session::open(const std::filesystem::path& module,
                                                           const std::string& token_label, ByteView pin) {
    std::unique_ptr<Pkcs11Session> session(new Pkcs11Session);
    session->token_ = module.string();
    session->library_ = TRY(Pkcs11Library::load(module));
    session->call_ = session->library_->call();
    TRY(session->enter(token_label, pin));
    return session;
}

Result<void> Pkcs11Session::enter(const std::string& label, ByteView pin) {
    CK_ULONG count = 0;
    TRY(must(call_->C_GetSlotList(CK_TRUE, nullptr, &count), "C_GetSlotList"));
    std::vector<CK_SLOT_ID> slots(count);
    TRY(must(call_->C_GetSlotList(CK_TRUE, slots.data(), &count), "C_GetSlotList"));
    slots.resize(std::min<std::size_t>(slots.size(), count));
    std::vector<CK_SLOT_ID> found;
    std::string about;
    for (const CK_SLOT_ID slot : slots) {
        CK_TOKEN_INFO info{};
        if (call_->C_GetTokenInfo(slot, &info) != CKR_OK) continue;
        if ((info.flags & CKF_TOKEN_INITIALIZED) == 0) continue;
        if (trimmed(info.label, sizeof info.label) != label) continue;
        found.push_back(slot);
        about = fmt::format("token '{}' ({}, serial {})", label, trimmed(info.model, sizeof info.model),
                            trimmed(info.serialNumber, sizeof info.serialNumber));
    }
    if (found.size() != 1)
        return misuse(
            fmt::format("{}: {} tokens with the label '{}'; one is needed (softhsm2-util --show-slots lists "
                        "them; SOFTHSM2_CONF says where they are)",
                        token_, found.size(), label));
    token_ = about;
    TRY(must(
        call_->C_OpenSession(found.front(), CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session_),
        "C_OpenSession"));
    const CK_RV login = call_->C_Login(session_, CKU_USER, readable(pin), length(pin));
    if (login == CKR_USER_ALREADY_LOGGED_IN) return {};
    if (login == CKR_PIN_INCORRECT)
        return misuse(
            fmt::format("{}: wrong PIN (CKR_PIN_INCORRECT): the passphrase file holds the user PIN; "
                        "some tokens lock after a few wrong ones",
                        token_));
    return must(login, "C_Login");
}

Pkcs11Session::~Pkcs11Session() {
    if (session_ != CK_INVALID_HANDLE) call_->C_CloseSession(session_);
}

Result<CK_OBJECT_HANDLE> Pkcs11Session::generate(CK_MECHANISM_TYPE how, Attributes attributes) {
    const std::lock_guard guard(mutex_);
    CK_MECHANISM mechanism{how, nullptr, 0};
    auto list = attributes.raw();
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    TRY(must(
        call_->C_GenerateKey(session_, &mechanism, list.data(), static_cast<CK_ULONG>(list.size()), &object),
        "C_GenerateKey"));
    return object;
}

Result<CK_OBJECT_HANDLE> Pkcs11Session::find(Attributes attributes, const std::string& what) {
    const std::lock_guard guard(mutex_);
    auto list = attributes.raw();
    TRY(must(call_->C_FindObjectsInit(session_, list.data(), static_cast<CK_ULONG>(list.size())),
             "C_FindObjectsInit"));
    std::array<CK_OBJECT_HANDLE, 2> objects{};
    CK_ULONG count = 0;
    const CK_RV answer = call_->C_FindObjects(session_, objects.data(), objects.size(), &count);
    call_->C_FindObjectsFinal(session_);
    TRY(must(answer, "C_FindObjects"));
    if (count != 1)
        return misuse(fmt::format("{}: {} {} for this HSM file; one is needed", token_, count, what));
    return objects.front();
}

void Pkcs11Session::destroy(CK_OBJECT_HANDLE object) {
    const std::lock_guard guard(mutex_);
    call_->C_DestroyObject(session_, object);
}

Result<void> Pkcs11Session::hmac(CK_OBJECT_HANDLE key, ByteView message, MutableBytes mac) {
    const std::lock_guard guard(mutex_);
    CK_MECHANISM mechanism{CKM_SHA256_HMAC, nullptr, 0};
    TRY(must(call_->C_SignInit(session_, &mechanism, key), "C_SignInit"));
    CK_ULONG size = length(mac);
    TRY(must(call_->C_Sign(session_, readable(message), length(message), mac.data(), &size), "C_Sign"));
    if (size != mac.size()) return misuse(fmt::format("{}: C_Sign: {} bytes of HMAC", token_, size));
    return {};
}

Result<void> Pkcs11Session::gcm(bool encrypt, CK_OBJECT_HANDLE key, ByteView iv, ByteView aad, ByteView in,
                                MutableBytes out) {
    const std::lock_guard guard(mutex_);
    CK_GCM_PARAMS params{readable(iv), length(iv), 8 * length(iv), readable(aad), length(aad), 128};
    CK_MECHANISM mechanism{CKM_AES_GCM, &params, sizeof params};
    CK_ULONG size = length(out);
    if (encrypt) {
        TRY(must(call_->C_EncryptInit(session_, &mechanism, key), "C_EncryptInit"));
        TRY(must(call_->C_Encrypt(session_, readable(in), length(in), out.data(), &size), "C_Encrypt"));
    } else {
        // SoftHSM2 wants room for the tag in the plaintext's buffer, too.
        Bytes plain(in.size());
        size = length(plain);
        TRY(must(call_->C_DecryptInit(session_, &mechanism, key), "C_DecryptInit"));
        const CK_RV answer = call_->C_Decrypt(session_, readable(in), length(in), plain.data(), &size);
        if (answer == CKR_OK && size == out.size()) std::copy_n(plain.begin(), out.size(), out.begin());
        wipe(plain);
        TRY(must(answer, "C_Decrypt"));
    }
    if (size != out.size()) return misuse(fmt::format("{}: AES-GCM gave {} bytes", token_, size));
    return {};
}

Result<void> Pkcs11Session::agree(ByteView peer, MutableBytes own_point, MutableBytes shared) {
    const std::lock_guard guard(mutex_);
    // Session objects; destroyed on every way out.
    struct Objects {
        CK_FUNCTION_LIST_PTR call;
        CK_SESSION_HANDLE session;
        std::array<CK_OBJECT_HANDLE, 3> held{};
        ~Objects() {
            for (const CK_OBJECT_HANDLE object : held)
                if (object != CK_INVALID_HANDLE) call->C_DestroyObject(session, object);
        }
    } objects{call_, session_, {}};
    auto& [open, secret, derived] = objects.held;

    CK_MECHANISM generate{CKM_EC_KEY_PAIR_GEN, nullptr, 0};
    auto of_public = Attributes().bytes(CKA_EC_PARAMS, kP256).flag(CKA_TOKEN, false);
    auto of_secret = Attributes()
                         .flag(CKA_TOKEN, false)
                         .flag(CKA_PRIVATE, true)
                         .flag(CKA_SENSITIVE, true)
                         .flag(CKA_EXTRACTABLE, false)
                         .flag(CKA_DERIVE, true);
    auto public_list = of_public.raw(), secret_list = of_secret.raw();
    TRY(must(call_->C_GenerateKeyPair(session_, &generate, public_list.data(),
                                      static_cast<CK_ULONG>(public_list.size()), secret_list.data(),
                                      static_cast<CK_ULONG>(secret_list.size()), &open, &secret),
             "C_GenerateKeyPair"));
    // CKA_EC_POINT: an OCTET STRING (04 41) around 04 || X || Y.
    std::array<std::uint8_t, 67> point{};
    CK_ATTRIBUTE wanted{CKA_EC_POINT, point.data(), point.size()};
    TRY(must(call_->C_GetAttributeValue(session_, open, &wanted, 1), "C_GetAttributeValue"));
    if (wanted.ulValueLen != point.size() || point[0] != 0x04 || point[1] != 0x41 || point[2] != 0x04)
        return misuse(fmt::format("{}: CKA_EC_POINT in a form that is not uncompressed", token_));
    std::copy(point.begin() + 3, point.end(), own_point.begin());

    std::array<std::uint8_t, 65> other{0x04};
    std::copy(peer.begin(), peer.end(), other.begin() + 1);
    CK_ECDH1_DERIVE_PARAMS params{CKD_NULL, 0, nullptr, other.size(), other.data()};
    CK_MECHANISM derive{CKM_ECDH1_DERIVE, &params, sizeof params};
    // HKDF is not a mechanism of PKCS#11 2.40: Z must come out.
    auto of_derived = Attributes()
                          .number(CKA_CLASS, CKO_SECRET_KEY)
                          .number(CKA_KEY_TYPE, CKK_GENERIC_SECRET)
                          .number(CKA_VALUE_LEN, shared.size())
                          .flag(CKA_TOKEN, false)
                          .flag(CKA_PRIVATE, true)
                          .flag(CKA_SENSITIVE, false)
                          .flag(CKA_EXTRACTABLE, true);
    auto derived_list = of_derived.raw();
    TRY(must(call_->C_DeriveKey(session_, &derive, secret, derived_list.data(),
                                static_cast<CK_ULONG>(derived_list.size()), &derived),
             "C_DeriveKey"));
    CK_ATTRIBUTE value{CKA_VALUE, shared.data(), length(shared)};
    TRY(must(call_->C_GetAttributeValue(session_, derived, &value, 1), "C_GetAttributeValue"));
    if (value.ulValueLen != shared.size())
        return misuse(fmt::format("{}: ECDH gave {} bytes", token_, value.ulValueLen));
    return {};
}

}  // namespace h7::hsm
