// SPDX-License-Identifier: Apache-2.0
// Internal to this station: files and folders that are written beside their places and take them
// all at once, or not at all.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <sys/types.h>

#include "controlplane/backup/places.hpp"
#include "controlplane/wire/descriptor.hpp"

namespace sweepgate::backup {

struct Owner {
    uid_t user = 0;
    gid_t group = 0;
};

class Staging {
public:
    ///   controller  who owns what is the controller's; counts for root only, nobody else can give
    ///               files away
    explicit Staging(Owner controller) : controller_(controller) {}
    Staging(const Staging&) = delete;
    Staging& operator=(const Staging&) = delete;
    ~Staging(); // not committed: nothing stays

    /// Where `place` is written. Errors: io.
    Result<std::filesystem::path> at(const Place& place);
    /// A file of a place, or below its folder; write() and close() are about the last one.
    Status create(const Place& place, const std::filesystem::path& target);
    Status write(std::span<const std::uint8_t> bytes);
    Status close();
    /// Changes the names. What lay at a place gets the name with `tail`. Errors: conflict, io; then
    /// they are changed back.
    Result<std::vector<std::filesystem::path>> commit(const std::string& tail);

private:
    struct Staged {
        std::filesystem::path target;
        std::filesystem::path written;
    };
    struct Swapped {
        Staged staged;
        std::filesystem::path aside; // empty: nothing lay there
    };
    Status make_folders(const std::filesystem::path& folder);
    Status make_folder(const std::filesystem::path& folder, const Place& place);
    Status give(int file, const Place& place, mode_t mode, const std::filesystem::path& path) const;
    Result<Swapped> swap(const Staged& staged, const std::string& tail);
    static void swap_back(const std::vector<Swapped>& swapped);

    Owner controller_;
    std::map<std::string, Staged> staged_;    // by name of the place
    std::vector<std::filesystem::path> made_; // folders on the way, outermost first
    wire::Descriptor file_;
    std::filesystem::path file_path_;
};

} // namespace sweepgate::backup
