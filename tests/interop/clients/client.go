// Takes the steps of clients.py with the AWS SDK for Go, version 1: client PLAN.
// Prints the result of each step, as JSON.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/awserr"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/qldb"
)

const quick = 50 * time.Millisecond

type plan struct {
	Name, Sample, Big, Role, Key, Kinesis, Block string
	Tags                                         map[string]string
	UnknownExport                                string `json:"unknown export"`
}

type step struct {
	Answer  any    `json:"answer,omitempty"`
	Error   string `json:"error,omitempty"`
	Type    string `json:"type,omitempty"`
	Message string `json:"message,omitempty"`
}

var found = map[string]step{}

// take calls an operation, and keeps the response, or the error with the name of its type.
func take[In, Out any](name string, call func(*In) (*Out, error), input *In) *Out {
	answer, err := call(input)
	if err == nil {
		found[name] = step{Answer: answer}
		return answer
	}
	var named awserr.Error
	if !errors.As(err, &named) {
		fail(name, err)
	}
	kind := reflect.TypeOf(named)
	if kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	found[name] = step{Error: named.Code(), Type: kind.Name(), Message: named.Message()}
	return new(Out)
}

func fail(what string, err error) {
	fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
	os.Exit(1)
}

type client struct {
	*qldb.QLDB
	plan
}

func (c client) export(name, ledger, prefix, format string, start, end time.Time) *string {
	return take(name, c.ExportJournalToS3, &qldb.ExportJournalToS3Input{
		Name:               &ledger,
		InclusiveStartTime: &start,
		ExclusiveEndTime:   &end,
		S3ExportConfiguration: &qldb.S3ExportConfiguration{
			Bucket:                  aws.String("exports"),
			Prefix:                  &prefix,
			EncryptionConfiguration: &qldb.S3EncryptionConfiguration{ObjectEncryptionType: aws.String("NO_ENCRYPTION")},
		},
		RoleArn:      &c.Role,
		OutputFormat: &format,
	}).ExportId
}

func (c client) follow(name, ledger string, id *string) {
	for {
		input := &qldb.DescribeJournalS3ExportInput{Name: &ledger, ExportId: id}
		export := take(name, c.DescribeJournalS3Export, input).ExportDescription
		if export == nil || *export.Status != qldb.ExportStatusInProgress {
			return
		}
		time.Sleep(quick)
	}
}

func (c client) ledgers() {
	name := &c.Name
	create := &qldb.CreateLedgerInput{
		Name:            name,
		PermissionsMode: aws.String(qldb.PermissionsModeStandard),
		Tags:            map[string]*string{"made": aws.String("by a client")},
	}
	arn := take("create", c.CreateLedger, create).Arn
	take("create again", c.CreateLedger, create)
	take("describe", c.DescribeLedger, &qldb.DescribeLedgerInput{Name: name})
	take("describe nobody", c.DescribeLedger, &qldb.DescribeLedgerInput{Name: aws.String("nobody")})
	take("delete protected", c.DeleteLedger, &qldb.DeleteLedgerInput{Name: name})
	take("update", c.UpdateLedger, &qldb.UpdateLedgerInput{Name: name, DeletionProtection: aws.Bool(false), KmsKey: &c.Key})
	take("update mode", c.UpdateLedgerPermissionsMode, &qldb.UpdateLedgerPermissionsModeInput{
		Name: name, PermissionsMode: aws.String(qldb.PermissionsModeAllowAll),
	})
	take("tag", c.TagResource, &qldb.TagResourceInput{ResourceArn: arn, Tags: aws.StringMap(c.Tags)})
	take("untag", c.UntagResource, &qldb.UntagResourceInput{ResourceArn: arn, TagKeys: aws.StringSlice([]string{"made"})})
	take("tags", c.ListTagsForResource, &qldb.ListTagsForResourceInput{ResourceArn: arn})

	all := qldb.ListLedgersOutput{}
	input := &qldb.ListLedgersInput{MaxResults: aws.Int64(1)}
	pages := func(page *qldb.ListLedgersOutput, _ bool) bool {
		all.Ledgers = append(all.Ledgers, page.Ledgers...)
		return true
	}
	if err := c.ListLedgersPages(input, pages); err != nil {
		fail("ledgers", err)
	}
	found["ledgers"] = step{Answer: all}
}

func (c client) exports() {
	longAgo := time.Now().AddDate(0, 0, -90)
	id := c.export("export", c.Sample, c.Name+"/", qldb.OutputFormatIonText, longAgo, time.Now())
	c.follow("description", c.Sample, id)
	unknown := &qldb.DescribeJournalS3ExportInput{Name: &c.Sample, ExportId: &c.UnknownExport}
	take("describe no export", c.DescribeJournalS3Export, unknown)

	all := qldb.ListJournalS3ExportsOutput{}
	err := c.ListJournalS3ExportsPages(&qldb.ListJournalS3ExportsInput{MaxResults: aws.Int64(2)},
		func(page *qldb.ListJournalS3ExportsOutput, _ bool) bool {
			all.JournalS3Exports = append(all.JournalS3Exports, page.JournalS3Exports...)
			return true
		})
	if err != nil {
		fail("exports", err)
	}
	found["exports"] = step{Answer: all}
	ofLedger := qldb.ListJournalS3ExportsForLedgerOutput{}
	err = c.ListJournalS3ExportsForLedgerPages(
		&qldb.ListJournalS3ExportsForLedgerInput{Name: &c.Sample, MaxResults: aws.Int64(1)},
		func(page *qldb.ListJournalS3ExportsForLedgerOutput, _ bool) bool {
			ofLedger.JournalS3Exports = append(ofLedger.JournalS3Exports, page.JournalS3Exports...)
			return true
		})
	if err != nil {
		fail("exports of the ledger", err)
	}
	found["exports of the ledger"] = step{Answer: ofLedger}

	c.export("export backwards", c.Sample, c.Name+"/", qldb.OutputFormatIonText, time.Now(), longAgo)
	running := make([]*string, 4)
	for n := range running {
		prefix := fmt.Sprintf("%s-%d/", c.Name, n)
		running[n] = c.export(fmt.Sprintf("limit %d", n), c.Big, prefix, qldb.OutputFormatJson, longAgo, time.Now())
	}
	for _, id := range running {
		if id != nil {
			c.follow("description of the big ledger", c.Big, id)
		}
	}
}

func (c client) proofs() {
	digest := take("digest", c.GetDigest, &qldb.GetDigestInput{Name: &c.Sample})
	tip := digest.DigestTipAddress
	text := regexp.MustCompile(`sequenceNo:\d+`).ReplaceAllString(*tip.IonText, "sequenceNo:"+c.Block)
	address := &qldb.ValueHolder{IonText: &text}
	block := take("block", c.GetBlock, &qldb.GetBlockInput{Name: &c.Sample, BlockAddress: address, DigestTipAddress: tip})
	document := regexp.MustCompile(`metadata:\{id:"(\w+)"`).FindStringSubmatch(*block.Block.IonText)[1]
	take("revision", c.GetRevision, &qldb.GetRevisionInput{
		Name: &c.Sample, BlockAddress: address, DigestTipAddress: tip, DocumentId: &document,
	})
	nobody := &qldb.ValueHolder{IonText: aws.String("{}")}
	take("block of nobody", c.GetBlock, &qldb.GetBlockInput{Name: &c.Sample, BlockAddress: nobody})
}

func (c client) streams() {
	ledger, id := &c.Sample, &c.UnknownExport
	take("streams", c.ListJournalKinesisStreamsForLedger, &qldb.ListJournalKinesisStreamsForLedgerInput{LedgerName: ledger})
	take("describe stream", c.DescribeJournalKinesisStream, &qldb.DescribeJournalKinesisStreamInput{LedgerName: ledger, StreamId: id})
	take("cancel stream", c.CancelJournalKinesisStream, &qldb.CancelJournalKinesisStreamInput{LedgerName: ledger, StreamId: id})
	take("stream", c.StreamJournalToKinesis, &qldb.StreamJournalToKinesisInput{
		LedgerName:           ledger,
		RoleArn:              &c.Role,
		StreamName:           aws.String("changes"),
		InclusiveStartTime:   aws.Time(time.Now().AddDate(0, 0, -1)),
		KinesisConfiguration: &qldb.KinesisConfiguration{StreamArn: &c.Kinesis},
	})
}

func main() {
	var asked plan
	if err := json.Unmarshal([]byte(os.Args[1]), &asked); err != nil {
		fail("the plan", err)
	}
	// This version reads no environment variable for an endpoint.
	config := aws.NewConfig().WithEndpoint(os.Getenv("AWS_ENDPOINT_URL_QLDB")).WithMaxRetries(0)
	opened, err := session.NewSession(config)
	if err != nil {
		fail("the session", err)
	}
	c := client{qldb.New(opened), asked}
	c.ledgers()
	c.exports()
	c.proofs()
	c.streams()
	take("delete", c.DeleteLedger, &qldb.DeleteLedgerInput{Name: &c.Name})
	take("describe deleted", c.DescribeLedger, &qldb.DescribeLedgerInput{Name: &c.Name})
	printed, err := json.Marshal(map[string]any{"version": aws.SDKVersion, "steps": found})
	if err != nil {
		fail("the results", err)
	}
	fmt.Println(string(printed))
}
