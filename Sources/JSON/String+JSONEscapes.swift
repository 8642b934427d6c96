extension String {
    /// The decoded form of the valid content of a JSON string.
    var withoutJSONEscapes: String {
        var result = String.UnicodeScalarView()
        var scalars = unicodeScalars.makeIterator()
        var lead: UInt16?
        while let scalar = scalars.next() {
            guard scalar == "\\", let escape = scalars.next() else {
                result.append(scalar)
                continue
            }
            switch escape {
            case "b": result.append("\u{8}")
            case "f": result.append("\u{C}")
            case "n": result.append("\n")
            case "r": result.append("\r")
            case "t": result.append("\t")
            case "u":
                var unit: UInt16 = 0
                for _ in 0..<4 {
                    unit = unit << 4 | UInt16(scalars.next().flatMap { Hexadecimal.value(UInt8(ascii: $0)) } ?? 0)
                }
                if let first = lead {
                    result.append(UTF16.decode(UTF16.EncodedScalar([first, unit])))
                    lead = nil
                } else if let scalar = Unicode.Scalar(unit) {
                    result.append(scalar)
                } else {
                    lead = unit
                }
            default: result.append(escape)
            }
        }
        return String(result)
    }
}
