import Orders

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
            } else if let nearest = Setting.allCases.map(\.variable).nearest(to: name) {
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
}
