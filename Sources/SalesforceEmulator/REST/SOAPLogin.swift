/// The SOAP `login` call, which older clients use to get a token.
struct SOAPLogin {
    let session: Session

    /// Answers a login envelope.
    func answer(_ request: APIRequest, version: String) throws -> APIResponse {
        let envelope = request.text
        let login = LoginRoutes(session: session)
        guard Self.content(of: "login", in: envelope) != nil else {
            return response(Self.fault("UNKNOWN_EXCEPTION", "only login is supported"), 500)
        }
        guard
            let user = try login.user(
                Self.content(of: "username", in: envelope),
                password: Self.content(of: "password", in: envelope)
            ),
            let row = try session.row(try session.object("User"), id: user)
        else {
            let reason = "Invalid username, password, security token; or user locked out."
            return response(Self.fault("INVALID_LOGIN", reason), 500)
        }
        let result = result(user, row.text("Username") ?? "", login.newToken(for: user), version)
        return response(result, 200)
    }

    private func response(_ xml: String, _ status: Int) -> APIResponse {
        APIResponse(status: status, body: .text(xml, contentType: "text/xml;charset=UTF-8"))
    }

    /// The text of the first element of a name, whatever its prefix.
    static func content(of name: String, in xml: String) -> String? {
        var rest = xml[...]
        while let open = rest.firstIndex(of: "<") {
            guard let close = rest[open...].firstIndex(of: ">") else { return nil }
            let tag = rest[rest.index(after: open)..<close]
            let local = tag.prefix { !$0.isWhitespace }.split(separator: ":").last ?? ""
            rest = rest[rest.index(after: close)...]
            guard local == name else { continue }
            let text = rest.prefix { $0 != "<" }
            return unescaped(String(text))
        }
        return nil
    }

    private static func unescaped(_ text: String) -> String {
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")]
            .reduce(text) { text, escape in text.replacing(escape.0, with: escape.1) }
    }

    private static func escaped(_ text: String) -> String {
        text.escaping(["&": "&amp;", "<": "&lt;", ">": "&gt;"])
    }

    /// The answer; clients look for these elements without prefixes and attributes.
    private func result(
        _ user: String,
        _ name: String,
        _ token: String,
        _ version: String
    ) -> String {
        let base = session.options.baseURL
        let org = DefaultOrg.organization
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" \
            xmlns="urn:partner.soap.sforce.com" \
            xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
            <soapenv:Body><loginResponse><result>
            <metadataServerUrl>\(base)/services/Soap/m/\(version)/\(org)</metadataServerUrl>
            <passwordExpired>false</passwordExpired><sandbox>false</sandbox>
            <serverUrl>\(base)/services/Soap/u/\(version)/\(org.prefix(15))</serverUrl>
            <sessionId>\(token)</sessionId>
            <userId>\(user)</userId>
            <userInfo><organizationId>\(org)</organizationId>\
            <userName>\(Self.escaped(name))</userName><userId>\(user)</userId></userInfo>
            </result></loginResponse></soapenv:Body></soapenv:Envelope>
            """
    }

    static func fault(_ code: String, _ message: String) -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" \
        xmlns:sf="urn:fault.partner.soap.sforce.com" \
        xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
        <soapenv:Body><soapenv:Fault><faultcode>\(code)</faultcode>
        <faultstring>\(code): \(message)</faultstring>
        <detail><sf:LoginFault xsi:type="sf:LoginFault">\
        <sf:exceptionCode>\(code)</sf:exceptionCode>
        <sf:exceptionMessage>\(message)</sf:exceptionMessage></sf:LoginFault></detail>
        </soapenv:Fault></soapenv:Body></soapenv:Envelope>
        """
    }
}
