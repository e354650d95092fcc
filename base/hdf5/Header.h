//===- base/hdf5/Header.h - Object headers ----------------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// "Data Object Headers" (IV.A.1): the messages that describe an object.
//   version 1   header of 16 bytes with the size of the first block at 8;
//               messages: type (2), size (2), flags (1), three bytes, data
//   version 2   "OHDR", version, flags, optional fields, the block's size;
//               messages: type (1), size (2), flags (1), optional order (2),
//               data; further blocks begin with "OCHK"; each ends with a
//               checksum
// A message of type 0x10 is the address and the length of a further block.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_HDF5_HEADER_H
#define HILLOCK_BASE_HDF5_HEADER_H

#include "base/hdf5/Source.h"
#include <vector>

namespace hillock::hdf5 {

enum class MessageType : uint16_t {
  Dataspace = 0x01,
  LinkInfo = 0x02,
  Datatype = 0x03,
  OldFill = 0x04,
  Fill = 0x05,
  Link = 0x06,
  ExternalFiles = 0x07,
  Layout = 0x08,
  Filters = 0x0b,
  Attribute = 0x0c,
  Continuation = 0x10,
  SymbolTable = 0x11,
  AttributeInfo = 0x15,
};

struct Message {
  MessageType type;
  bool isShared;         ///< The data say where the message is.
  std::string_view data; ///< In the file.
};

class Header {
public:
  static Expected<Header> read(const Source &source, uint64_t address);

  const std::vector<Message> &messages() const { return all; }
  /// The first of its type, or null.
  const Message *find(MessageType type) const;

private:
  std::vector<Message> all;
};

/// The data of \p message, which may be those of a message of another object
/// (IV.A.2, "Shared Message").
Expected<std::string_view> resolve(const Source &source,
                                   const Message &message);

} // namespace hillock::hdf5

#endif // HILLOCK_BASE_HDF5_HEADER_H
