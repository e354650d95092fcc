//===- base/AtomicFile.cpp ------------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/AtomicFile.h"
#include "base/Describe.h"
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace hillock {

static std::string reason(int code) {
  return std::generic_category().message(code);
}

static std::string folderOf(const std::string &path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos)
    return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// Follows symbolic links, so that a link to a result stays a link.
static std::string resolve(const std::string &path) {
  char *real = ::realpath(path.c_str(), nullptr);
  if (!real)
    return path;
  std::string result = real;
  std::free(real);
  return result;
}

Expected<AtomicFile> AtomicFile::create(const std::string &path) {
  AtomicFile file;
  file.target = resolve(path);
  struct stat status = {};
  const bool exists = ::stat(file.target.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode))
    return inputError("cannot be written: it is a folder", path,
                      "give the name of a file");
  if (exists && !S_ISREG(status.st_mode)) {
    file.descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file.descriptor < 0)
      return inputError("cannot be opened for writing: " + reason(errno), path);
    return std::move(file);
  }

  static std::atomic<unsigned> serial{0};
  const std::string folder = folderOf(file.target);
  const size_t slash = file.target.rfind('/');
  // Long names leave room for the suffix within NAME_MAX.
  const std::string name =
      file.target.substr(slash == std::string::npos ? 0 : slash + 1)
          .substr(0, 200);
  for (int attempt = 0; attempt < 100; ++attempt) {
    std::string candidate = folder + "/." + name + ".tmp" +
                            std::to_string(::getpid()) + "-" +
                            std::to_string(serial++);
    file.descriptor = ::open(candidate.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file.descriptor >= 0) {
      file.temporary = std::move(candidate);
      if (exists) // keep the permissions; a failure is not worth an error
        (void)!::fchmod(file.descriptor, status.st_mode & 07777);
      return std::move(file);
    }
    if (errno != EEXIST)
      break;
  }
  const int code = errno;
  return inputError("cannot be written: " + reason(code), path,
                    code == ENOENT ? "create the folder '" + folder + "' first"
                                   : "");
}

AtomicFile::AtomicFile(AtomicFile &&other) noexcept
    : descriptor(std::exchange(other.descriptor, -1)),
      target(std::move(other.target)),
      temporary(std::exchange(other.temporary, {})) {}

AtomicFile &AtomicFile::operator=(AtomicFile &&other) noexcept {
  if (this != &other) {
    discard();
    descriptor = std::exchange(other.descriptor, -1);
    target = std::move(other.target);
    temporary = std::exchange(other.temporary, {});
  }
  return *this;
}

void AtomicFile::discard() noexcept {
  if (descriptor >= 0)
    ::close(std::exchange(descriptor, -1));
  if (!temporary.empty())
    ::unlink(temporary.c_str());
  temporary.clear();
}

Error AtomicFile::fail(const std::string &doing) {
  const int code = errno;
  discard();
  return inputError(doing + " failed: " + reason(code), target,
                    code == ENOSPC ? "free space on the disk" : "");
}

Error AtomicFile::write(std::string_view bytes) {
  if (descriptor < 0)
    return makeError(ErrorKind::Internal, "write to a closed file", target);
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return fail("writing");
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return Error::success();
}

Error AtomicFile::overwrite(uint64_t at, std::string_view bytes) {
  if (descriptor < 0)
    return makeError(ErrorKind::Internal, "write to a closed file", target);
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(descriptor, bytes.data(), bytes.size(),
                                   static_cast<off_t>(at));
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return fail("writing");
    bytes.remove_prefix(static_cast<size_t>(count));
    at += static_cast<uint64_t>(count);
  }
  return Error::success();
}

Error AtomicFile::commit() {
  if (descriptor < 0)
    return makeError(ErrorKind::Internal, "commit of a closed file", target);
  // Pipes and terminals know no fsync.
  if (::fsync(descriptor) != 0 && !temporary.empty())
    return fail("flushing to the disk");
  if (::close(std::exchange(descriptor, -1)) != 0)
    return fail("closing");
  if (temporary.empty())
    return Error::success();
  if (::rename(temporary.c_str(), target.c_str()) != 0)
    return fail("renaming");
  temporary.clear();
  // The new name survives a power cut only when the folder is flushed too;
  // some file systems refuse that, which costs nothing else.
  const int folder = ::open(folderOf(target).c_str(), O_RDONLY | O_CLOEXEC);
  if (folder >= 0) {
    (void)::fsync(folder);
    ::close(folder);
  }
  return Error::success();
}

Error writeFile(const std::string &path, std::string_view bytes) {
  Expected<AtomicFile> file = AtomicFile::create(path);
  if (!file)
    return file.takeError();
  if (Error error = file->write(bytes))
    return error;
  return file->commit();
}

static Error tooBig(const std::string &path, const std::string &found,
                    uint64_t maxBytes) {
  return inputError("holds " + found + ", at most " + describeBytes(maxBytes) +
                        " can be read",
                    path, "split the file");
}

static Expected<std::string> readAll(int descriptor, const std::string &path,
                                     uint64_t maxBytes) {
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0)
    return inputError("cannot be read: " + reason(errno), path);
  if (S_ISDIR(status.st_mode))
    return inputError("is a folder, a file is needed", path);
  const bool regular = S_ISREG(status.st_mode);
  const auto size =
      regular ? static_cast<uint64_t>(status.st_size) : uint64_t{0};
  if (size > maxBytes)
    return tooBig(path, describeBytes(size), maxBytes);

  std::string bytes(size, '\0');
  size_t used = 0;
  for (;;) {
    // One byte more than the size tells a growing file and ends a pipe.
    if (used == bytes.size())
      bytes.resize(used + (used == size ? 1 : std::max<size_t>(used, 65536)));
    const ssize_t count =
        ::read(descriptor, bytes.data() + used, bytes.size() - used);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return inputError("cannot be read: " + reason(errno), path);
    if (count == 0)
      break;
    used += static_cast<size_t>(count);
    if (used > maxBytes)
      return tooBig(path, "more than " + describeBytes(maxBytes), maxBytes);
  }
  bytes.resize(used);
  return std::move(bytes);
}

Expected<std::string> readFile(const std::string &path, uint64_t maxBytes) {
  int descriptor = -1;
  do
    descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) {
    if (errno == ENOENT)
      return inputError("no such file", path, "check the path");
    return inputError("cannot be opened: " + reason(errno), path);
  }
  Expected<std::string> bytes = readAll(descriptor, path, maxBytes);
  ::close(descriptor);
  return bytes;
}

} // namespace hillock
