// SoftHSM2 tokens in a test's own folder. User PIN 123456.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "emulator/base/file.hpp"
#include "rss/host/hsm/pkcs11_store.hpp"

namespace h7::hsm {

inline bool soft_hsm_installed() { return std::filesystem::exists(kSoftHsm); }

/// From now on this process and its children have their tokens in `folder`/tokens.
inline void use_soft_hsm(const std::filesystem::path& folder) {
    std::filesystem::create_directory(folder / "tokens");
    const std::string conf = "directories.tokendir = " + (folder / "tokens").string() +
                             "\nobjectstore.backend = file\nlog.level = ERROR\n";
    ASSERT_TRUE(write_file(folder / "softhsm2.conf", Bytes(conf.begin(), conf.end())));
    ASSERT_EQ(::setenv("SOFTHSM2_CONF", (folder / "softhsm2.conf").c_str(), 1), 0);
}

inline void new_token(const std::string& label) {
    const std::string make = "softhsm2-util --init-token --free --label " + label +
                             " --pin 123456 --so-pin 654321 >/dev/null 2>&1";
    ASSERT_EQ(std::system(make.c_str()), 0);
}

}  // namespace h7::hsm
