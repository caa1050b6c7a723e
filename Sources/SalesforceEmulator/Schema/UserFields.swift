extension StandardObjects {
    /// The fields of `User`, as recorded from a describe.
    ///
    /// The columns are explained at ``FieldTable``.
    static let userFields = """
        Id                      id            FSGDi
        Username                string(80)    CUFSGi
        LastName                string(80)    CUFSG
        FirstName               string(40)    CUFSGN
        Name                    string(121)   FSG
        CompanyName             string(80)    CUFSGN
        Division                string(80)    CUFSGN
        Department              string(80)    CUFSGN
        Title                   string(80)    CUFSGN
        Street                  textarea(255) CUFSGN
        City                    string(40)    CUFSGN
        State                   string(80)    CUFSGN
        PostalCode              string(20)    CUFSGN
        Country                 string(80)    CUFSGN
        Latitude                double(18.15) CUFSN
        Longitude               double(18.15) CUFSN
        Email                   email(128)    CUFSGi
        SenderEmail             email(80)     CUFSGN
        SenderName              string(80)    CUFSGN
        Signature               string(1333)  CUFSN
        Phone                   phone(40)     CUFSGN
        Fax                     phone(40)     CUFSGN
        MobilePhone             phone(40)     CUFSGN
        Alias                   string(8)     CUFSG
        CommunityNickname       string(40)    CUFSG
        IsActive                boolean       CUFSGD
        TimeZoneSidKey          picklist(40)  CUFSGr    @timezones
        UserRoleId              reference     CUFSGN    UserRole→UserRole
        LocaleSidKey            picklist(40)  CUFSGr    @locales
        ReceivesInfoEmails      boolean       CUFSGD
        ReceivesAdminInfoEmails boolean       CUFSGD
        EmailEncodingKey        picklist(40)  CUFSGr    @encodings
        ProfileId               reference     CUFSG     Profile→Profile
        UserType                picklist(40)  FSGNr     @userTypes
        LanguageLocaleKey       picklist(40)  CUFSGr    @languages
        EmployeeNumber          string(20)    CUFSGN
        DelegatedApproverId     reference     CUFSGN    Group,User
        ManagerId               reference     CUFSGN    User→Manager
        LastLoginDate           datetime      FSN
        LastPasswordChangeDate  datetime      FSN
        CreatedDate             datetime      FSD
        CreatedById             reference     FSGD      User→CreatedBy
        LastModifiedDate        datetime      FSD
        LastModifiedById        reference     FSGD      User→LastModifiedBy
        SystemModstamp          datetime      FSD
        ForecastEnabled         boolean       CUFSGD
        ContactId               reference     CFSGN     Contact→Contact
        AccountId               reference     FSGN      Account
        CallCenterId            reference     CUFSGN    CallCenter
        Extension               phone(40)     CUFSGN
        FederationIdentifier    string(512)   CUFSNi
        LastViewedDate          datetime      FSN
        LastReferencedDate      datetime      FSN
        """
}
