import Foundation

/// Writes to standard output without buffering, so that the reader of a pipe sees the text at once.
func say(_ text: String) { write(text, to: .standardOutput) }

/// Writes to standard error, which keeps progress and errors out of the output.
func remark(_ text: String) { write(text, to: .standardError) }

/// Write errors are ignored: if nobody reads the output, nobody can be told.
private func write(_ text: String, to file: FileHandle) { try? file.write(contentsOf: Data(text.utf8)) }
