import Accounts

extension MailLanguage {
    /// English if the client prefers it to Indonesian, otherwise Indonesian (`Accept-Language`, RFC 9110, section 12.5.4).
    init(accepting field: String?) {
        let languages = (field ?? "").split(separator: ",").compactMap { part -> (String, Double)? in
            let pieces = part.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            guard let tag = pieces.first else { return nil }
            let quality = pieces.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            return (String(tag.prefix { $0 != "-" }), quality)
        }
        // The first one among the most preferred.
        let best = languages.filter { ["id", "in", "en"].contains($0.0) && $0.1 > 0 }.max { $0.1 < $1.1 }
        let first = languages.first { $0.1 == best?.1 && ["id", "in", "en"].contains($0.0) }
        self = first?.0 == "en" ? .english : .indonesian
    }
}
