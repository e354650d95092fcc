//===- compiler/frontend/nir/Hdf5Handle.h - Writing HDF5 --------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What those need who write files with libhdf5.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_NIR_HDF5HANDLE_H
#define HILLOCK_COMPILER_FRONTEND_NIR_HDF5HANDLE_H

#include <hdf5.h>
#include <string>
#include <utility>

namespace hillock::nir {

/// Owns one HDF5 identifier.
class Handle {
public:
  using Closer = herr_t (*)(hid_t);
  Handle() = default;
  Handle(hid_t id, Closer closer) : id(id), closer(closer) {}
  Handle(Handle &&other) noexcept
      : id(std::exchange(other.id, -1)), closer(other.closer) {}
  Handle &operator=(Handle &&other) noexcept {
    std::swap(id, other.id);
    std::swap(closer, other.closer);
    return *this;
  }
  ~Handle() {
    if (id >= 0)
      closer(id);
  }
  explicit operator bool() const { return id >= 0; }
  hid_t get() const { return id; }

private:
  hid_t id = -1;
  Closer closer = nullptr;
};

/// Silences HDF5's own printing on this thread while it lives.
class QuietHdf5 {
public:
  QuietHdf5() {
    H5open();
    H5Eget_auto2(H5E_DEFAULT, &function, &data);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }
  ~QuietHdf5() { H5Eset_auto2(H5E_DEFAULT, function, data); }
  QuietHdf5(const QuietHdf5 &) = delete;
  QuietHdf5 &operator=(const QuietHdf5 &) = delete;

private:
  H5E_auto2_t function = nullptr;
  void *data = nullptr;
};

inline herr_t keepReason(unsigned, const H5E_error2_t *error, void *data) {
  auto *text = static_cast<std::string *>(data);
  if (error->desc && text->empty())
    *text = error->desc;
  return 0;
}

/// The innermost message of HDF5's error stack, or "".
inline std::string hdf5Reason() {
  std::string reason;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keepReason, &reason);
  return reason;
}

/// A file that is written into memory.
inline Handle createInMemory(const char *name) {
  Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_fapl_core(access.get(), 1 << 16, false);
  return Handle(H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, access.get()),
                H5Fclose);
}

/// The bytes of such a file; empty when HDF5 fails.
inline std::string bytesOf(const Handle &file) {
  if (H5Fflush(file.get(), H5F_SCOPE_GLOBAL) < 0)
    return {};
  const ssize_t size = H5Fget_file_image(file.get(), nullptr, 0);
  std::string bytes(size < 0 ? 0 : size_t(size), '\0');
  if (size < 0 ||
      H5Fget_file_image(file.get(), bytes.data(), bytes.size()) != size)
    return {};
  return bytes;
}

} // namespace hillock::nir

#endif // HILLOCK_COMPILER_FRONTEND_NIR_HDF5HANDLE_H
