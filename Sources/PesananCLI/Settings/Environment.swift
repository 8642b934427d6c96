/// The variables of the environment that begin with `PESANAN_`.
struct Environment {
    /// The settings.
    let settings: [String: String]
    /// For the operator: what the others may have been meant for.
    let warnings: [String]

    /// Leaves alone what nobody meant as a setting.
    ///
    /// Kubernetes sets variables such as `PESANAN_PORT=tcp://10.43.0.7:8080` in all containers beside a service that is called `pesanan`
    /// (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables).
    init(_ variables: [String: String]) {
        var settings: [String: String] = [:]
        var warnings: [String] = []
        var ofService: [String] = []
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) where name.hasPrefix("PESANAN_") {
            // An empty variable counts as unset.
            guard !value.isEmpty else { continue }
            if Self.isOfService(name, value) {
                ofService.append(name)
            } else if Setting.allCases.contains(where: { $0.variable == name }) {
                settings[name] = value
            } else if let nearest = Self.nearest(to: name) {
                warnings.append("\(name) is no setting: did you mean \(nearest)?")
            } else {
                warnings.append("\(name) is no setting")
            }
        }
        if !ofService.isEmpty {
            warnings.append(
                "left alone, because Kubernetes sets them for a service called pesanan: \(ofService.joined(separator: ", "))")
        }
        self.settings = settings
        self.warnings = warnings
    }

    private static func isOfService(_ name: String, _ value: String) -> Bool {
        name.hasPrefix("PESANAN_SERVICE_") || name.hasPrefix("PESANAN_PORT_")
            || name == Setting.port.variable && value.wholeMatch(of: /(tcp|udp|sctp):\/\/.*/) != nil
    }

    /// The setting whose variable differs least; `nil` if none is alike.
    private static func nearest(to name: String) -> String? {
        let nearest = Setting.allCases.map { (variable: $0.variable, distance: distance($0.variable, name)) }
            .min { $0.distance < $1.distance }
        return nearest.flatMap { $0.distance <= 3 ? $0.variable : nil }
    }

    /// How many letters have to be added, removed or replaced to make one text of another (Levenshtein).
    private static func distance(_ one: String, _ other: String) -> Int {
        let other = Array(other.utf8)
        var row = Array(0...other.count)
        for (position, letter) in one.utf8.enumerated() {
            var diagonal = row[0]
            row[0] = position + 1
            for (column, otherLetter) in other.enumerated() {
                (diagonal, row[column + 1]) = (
                    row[column + 1], min(row[column] + 1, row[column + 1] + 1, diagonal + (letter == otherLetter ? 0 : 1))
                )
            }
        }
        return row[other.count]
    }
}
