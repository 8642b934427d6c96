import Foundation

/// A secret in a file; `-` is standard input.
/// - Parameter name: what it is, for the error.
/// - Throws: ``OperatorError`` unless it has from 8 to 2000 visible ASCII characters.
func secretText(_ name: String, in path: String) throws -> String {
    let maximum = 2000
    let data: Data
    do {
        data = path == "-" ? FileHandle.standardInput.readDataToEndOfFile() : try Data(contentsOf: URL(filePath: path))
    } catch {
        throw OperatorError("can't read \(path)")
    }
    let text = String(decoding: data.prefix(maximum + 2), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    guard (8...maximum).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
        throw OperatorError("\(name) must have from 8 to \(maximum) visible ASCII characters")
    }
    return text
}
