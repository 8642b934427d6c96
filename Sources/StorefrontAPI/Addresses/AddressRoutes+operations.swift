import HTTPServing
import JSON
import OrderServices

extension AddressRoutes {
    private static let listPath = StorefrontAPI.store + "/customers/me/addresses"
    private static let itemPath = listPath + "/{id}"
    private static let id = Parameter("id", in: .path, "The address's id.", ["type": "integer"])

    static let list = Operation(
        .get, listPath, "listAddresses", tag: "Customer", "List your addresses", "All of them, oldest first.",
        answers: [.init(200, "Your addresses", "AddressList")], isCrossOrigin: true, emptyID: .addressNotFound)

    static let add = Operation(
        .post, listPath, "addAddress", tag: "Customer", "Add an address", "Up to \(Customers.maximumAddresses).",
        body: "NewAddress", answers: [.init(200, "The address with its id", "Address")], isCrossOrigin: true,
        emptyID: .addressNotFound)

    static let get = Operation(
        .get, itemPath, "getAddress", tag: "Customer", "Get one of your addresses",
        "Someone else's address and one that never existed get the same 404.", parameters: [id],
        answers: [.init(200, "The address", "Address")], errors: [404], isCrossOrigin: true)

    static let change = Operation(
        .patch, itemPath, "changeAddress", tag: "Customer", "Change one of your addresses",
        "Fields that are not given stay as they are.", parameters: [id], body: "AddressChange",
        answers: [.init(200, "The address as it is now", "Address")], errors: [404], isCrossOrigin: true)

    static let remove = Operation(
        .delete, itemPath, "removeAddress", tag: "Customer", "Remove one of your addresses", "Orders keep the address they have.",
        parameters: [id], answers: [.init(204, "Done")], errors: [404], isCrossOrigin: true)

    static var schemas: [(name: String, schema: JSON)] {
        let place: JSON = ["type": ["integer", "string", "null"]]
        let names = ["subdistrict_name", "city_name", "province_name"]
        let texts = ["name", "phone", "address", "postal_code", "notes"].map { ($0, JSON.optionalText) }
        let email: [(String, JSON)] = [("email", ["type": ["string", "null"], "format": "email"])]
        let given: [(String, JSON)] =
            texts + email + [("location_id", place)] + ["subdistrict", "city", "province"].map { ($0, JSON.optionalText) }
        return [
            ("NewAddress", .openObject("An address for parcels. At least one field is required.", given, required: [])),
            ("AddressChange", .openObject("What is to be changed.", given, required: [])),
            (
                "Address",
                .closedObject(
                    "An address for parcels.",
                    [("id", ["type": "integer"])] + texts + email + [
                        (
                            "location",
                            .closedObject(
                                "The place.",
                                [("id", ["type": ["integer", "null"]])] + names.map { ($0, JSON.optionalText) })
                        )
                    ])
            ),
            (
                "AddressList",
                .closedObject(
                    "One page with all addresses.",
                    [
                        ("data", ["type": "array", "items": .reference("schemas", "Address")]), ("is_paginated", ["const": true]),
                        ("has_next", ["const": false]), ("has_previous", ["const": false]), ("next_cursor", ["type": "null"]),
                        ("previous_cursor", ["type": "null"]), ("page_size", ["type": "integer"]),
                    ])
            ),
        ]
    }
}
