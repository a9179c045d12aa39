// Files that are read as a whole for a log of their own: certificates and answers about them.
#pragma once

#include <memory>
#include <string_view>

#include "dpi/x509/x509.h"
#include "sensor/record/record_writer.h"

namespace sensor {

/// Longer files are not read.
inline constexpr size_t kMaxDocumentBytes = 256 * 1024;

/// Where a document was seen.
struct DocumentOrigin {
  Uid fuid;
  Uid conn;             // connection that carried it
  TimeNs begun_ns = 0;  // its first byte
  TimeNs due_ns = 0;    // its end
  bool is_orig = false;
};

/// True for a MIME type that log_document() reads.
bool is_document(std::string_view mime_type);
/// Writes x509.log or ocsp.log, and the weirds the file gives cause for.
void log_document(RecordWriter& records, const DocumentOrigin& origin, std::string_view mime_type, Bytes content);

/// Where a certificate stood.
struct CertificateRole {
  bool host = false;    // first of its chain
  bool client = false;  // sent by the client
};
/// Writes the certificate's row. nullptr when the bytes are no certificate.
std::shared_ptr<const x509::Certificate> log_certificate(RecordWriter& records, const DocumentOrigin& origin, CertificateRole role,
                                                         Bytes der);

}  // namespace sensor
