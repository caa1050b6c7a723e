extension StandardObjects {
    /// The fields of `Contact`, as recorded from a describe.
    ///
    /// The columns are explained at ``FieldTable``.
    static let contactFields = """
        Id                     id              FSGDi
        IsDeleted              boolean         FSGD
        MasterRecordId         reference       FSGN      Contact→MasterRecord
        AccountId              reference       CUFSGN    Account→Account
        LastName               string(80)      CUFSG
        FirstName              string(40)      CUFSGN
        Salutation             picklist(40)    CUFSGN    Mr.;Ms.;Mrs.;Dr.;Prof.
        Name                   string(121)     FSG
        OtherStreet            textarea(255)   CUFSGN
        OtherCity              string(40)      CUFSGN
        OtherState             string(80)      CUFSGN
        OtherPostalCode        string(20)      CUFSGN
        OtherCountry           string(80)      CUFSGN
        OtherLatitude          double(18.15)   CUFSN
        OtherLongitude         double(18.15)   CUFSN
        OtherGeocodeAccuracy   picklist(40)    CUFSGNr   @geocode
        OtherAddress           address         FN
        MailingStreet          textarea(255)   CUFSGN
        MailingCity            string(40)      CUFSGN
        MailingState           string(80)      CUFSGN
        MailingPostalCode      string(20)      CUFSGN
        MailingCountry         string(80)      CUFSGN
        MailingLatitude        double(18.15)   CUFSN
        MailingLongitude       double(18.15)   CUFSN
        MailingGeocodeAccuracy picklist(40)    CUFSGNr   @geocode
        MailingAddress         address         FN
        Phone                  phone(40)       CUFSGN
        Fax                    phone(40)       CUFSGN
        MobilePhone            phone(40)       CUFSGN
        HomePhone              phone(40)       CUFSGN
        OtherPhone             phone(40)       CUFSGN
        AssistantPhone         phone(40)       CUFSGN
        ReportsToId            reference       CUFSGN    Contact→ReportsTo
        Email                  email(80)       CUFSGNi
        Title                  string(128)     CUFSGN
        Department             string(80)      CUFSGN
        AssistantName          string(40)      CUFSGN
        LeadSource             picklist(255)   CUFSGN    @sources
        Birthdate              date            CUFSGN
        Description            textarea(32000) CUN
        OwnerId                reference       CUFSGD    User→Owner
        CreatedDate            datetime        FSD
        CreatedById            reference       FSGD      User→CreatedBy
        LastModifiedDate       datetime        FSD
        LastModifiedById       reference       FSGD      User→LastModifiedBy
        SystemModstamp         datetime        FSD
        LastActivityDate       date            FSGN
        LastCURequestDate      datetime        FSN
        LastCUUpdateDate       datetime        FSN
        LastViewedDate         datetime        FSN
        LastReferencedDate     datetime        FSN
        EmailBouncedReason     string(255)     CUFSGN
        EmailBouncedDate       datetime        CUFSN
        IsEmailBounced         boolean         FSGD
        PhotoUrl               url(255)        FSGN
        Jigsaw                 string(20)      CUFSGN
        CleanStatus            picklist(40)    CUFSGNr   @cleanStatuses
        IndividualId           reference       CUFSGN    Individual→Individual
        """
}
